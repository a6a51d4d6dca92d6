package dev.upcall.client.posix;

import java.lang.foreign.Arena;
import java.nio.file.Path;

/// What stands behind the file of a UNIX socket, found out without disturbing it.
///
/// The probe connects a *datagram* socket, which a stream socket refuses with EPROTOTYPE before it hears of it. A
/// real connection would be accepted, and some VMMs never recover from one that says nothing.
public enum SocketFile {
    /// No such file.
    MISSING,
    /// A socket's file, or another file, that no open socket is bound to: ECONNREFUSED for both.
    NOBODY,
    /// A process has a socket bound there.
    SOMEBODY,
    /// This user may not look.
    FORBIDDEN;

    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;

    /// Does not block.
    ///
    /// @throws PosixException on anything else, for example EMFILE
    public static SocketFile at(Path path) throws PosixException {
        int number = Libc.checked("socket", Libc.socket(UnixAddress.FAMILY, SOCK_DGRAM_CLOEXEC, 0));
        try (Fd fd = Fd.owning(number);
                Arena arena = Arena.ofConfined()) {
            int answer = Libc.connect(fd.number(), UnixAddress.encode(path, arena));
            if (answer >= 0) {
                return SOMEBODY; // a datagram socket: connecting to it tells it nothing either
            }
            Errno errno = new Errno(-answer);
            if (errno.equals(Errno.EPROTOTYPE)) {
                return SOMEBODY;
            }
            if (errno.equals(Errno.ECONNREFUSED)) {
                return NOBODY;
            }
            if (errno.equals(Errno.ENOENT)) {
                return MISSING;
            }
            if (errno.equals(Errno.EACCES) || errno.equals(Errno.EPERM)) {
                return FORBIDDEN;
            }
            throw new PosixException("connect " + path, errno);
        }
    }
}
