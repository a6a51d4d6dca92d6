package dev.upcall.client.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/// A UNIX stream socket over which descriptors ride along with bytes. Non-blocking.
///
/// | struct         | fields                                                                                     |
/// |----------------|--------------------------------------------------------------------------------------------|
/// | `msghdr`, 56   | name 0, its length 8, `iovec` 16, count 24, control 32, its length 40, flags 48             |
/// | `iovec`, 16    | address 0, length 8                                                                        |
/// | `cmsghdr`, 16  | length 0, level 8, type 12, then the descriptors as i32; the next one at a multiple of 8    |
///
/// Descriptors arrive as copies of our own, with close-on-exec from the first moment, and each is
/// somebody's at once: junixsocket, which could pass them too, sets no close-on-exec and keeps every
/// one of them open until the socket is closed. Confined to one thread.
public final class FdSocket implements AutoCloseable {
    /// With one message: what vhost-user allows.
    public static final int FDS_MAX = 8;

    private static final int SOCK_STREAM_NONBLOCK_CLOEXEC = 1 | 0x800 | 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int MSG_CTRUNC = 8;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;

    private static final long MESSAGE_BYTES = 56;
    private static final long IOVEC_AT = 16;
    private static final long IOVEC_COUNT_AT = 24;
    private static final long CONTROL_AT = 32;
    private static final long CONTROL_LENGTH_AT = 40;
    private static final long FLAGS_AT = 48;
    private static final long IOVEC_BYTES = 16;
    private static final long RIGHTS_AT = 16;
    private static final long LEVEL_AT = 8;
    private static final long TYPE_AT = 12;

    /// Twice what may come: a ninth descriptor is to be seen and refused, not lost.
    private static final long CONTROL_BYTES = RIGHTS_AT + 2L * FDS_MAX * Integer.BYTES;

    private final Fd fd;

    private FdSocket(Fd fd) {
        this.fd = fd;
    }

    /// A connected, non-blocking one; owned from now on.
    public static FdSocket owning(Fd connected) {
        return new FdSocket(connected);
    }

    /// Connects to whoever listens at `path`.
    public static FdSocket connect(Path path) throws PosixException {
        return new FdSocket(UnixSockets.connect(path));
    }

    /// Two that are connected with each other.
    public static List<FdSocket> pair() throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment two = arena.allocate(JAVA_INT, 2);
            Libc.checked("socketpair", Libc.socketpair(UnixAddress.FAMILY, SOCK_STREAM_NONBLOCK_CLOEXEC, two));
            return List.of(
                    new FdSocket(Fd.owning(two.getAtIndex(JAVA_INT, 0))),
                    new FdSocket(Fd.owning(two.getAtIndex(JAVA_INT, 1))));
        }
    }

    /// What is waited for.
    public Fd fd() {
        return fd;
    }

    /// Takes what has arrived.
    ///
    /// @param into where bytes are put, at most what remains in it; ask for a message's own and none
    /// that follow, since descriptors come with the bytes they were sent with
    /// @param fds where descriptors are added, owned by the caller from now on, also when this fails
    /// @return how many bytes came: 0 when nothing has arrived, -1 at the end of the stream
    /// @throws PosixException ECONNRESET when the peer is gone; EMSGSIZE when more than twice
    /// [#FDS_MAX] descriptors came at once, or when this process may have no more of them: a message
    /// without its descriptors means nothing
    public int receive(ByteBuffer into, List<Fd> fds) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(into.remaining());
            MemorySegment control = arena.allocate(CONTROL_BYTES, Long.BYTES);
            MemorySegment message = message(arena, bytes, control);
            int count = Libc.recvmsg(fd.number(), message, MSG_CMSG_CLOEXEC);
            if (count == -Errno.EAGAIN.number() || count == -Errno.EINTR.number()) {
                return 0;
            }
            Libc.checked("recvmsg", count);
            take(control.asSlice(0, message.get(JAVA_LONG, CONTROL_LENGTH_AT)), fds);
            if ((message.get(JAVA_INT, FLAGS_AT) & MSG_CTRUNC) != 0) {
                throw new PosixException("recvmsg with descriptors that there is no room for", Errno.EMSGSIZE);
            }
            into.put(bytes.asSlice(0, count).asByteBuffer());
            return count == 0 ? -1 : count;
        }
    }

    /// Sends all of it at once, the descriptors with its first byte; they stay their owners'.
    ///
    /// @throws PosixException EAGAIN when the peer has left so much unread that not all of it fits
    public void send(ByteBuffer from, List<Fd> fds) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(from.remaining());
            bytes.asByteBuffer().put(from);
            MemorySegment control = MemorySegment.NULL;
            if (!fds.isEmpty()) {
                control = arena.allocate(RIGHTS_AT + alignedBytes(fds.size()), Long.BYTES);
                control.set(JAVA_LONG, 0, RIGHTS_AT + (long) fds.size() * Integer.BYTES);
                control.set(JAVA_INT, LEVEL_AT, SOL_SOCKET);
                control.set(JAVA_INT, TYPE_AT, SCM_RIGHTS);
                for (int i = 0; i < fds.size(); i++) {
                    control.set(
                            JAVA_INT,
                            RIGHTS_AT + (long) i * Integer.BYTES,
                            fds.get(i).number());
                }
            }
            int count =
                    Libc.checked("sendmsg", Libc.sendmsg(fd.number(), message(arena, bytes, control), MSG_NOSIGNAL));
            if (count < bytes.byteSize()) {
                throw new PosixException("sendmsg of " + bytes.byteSize() + " bytes, " + count + " sent", Errno.EAGAIN);
            }
        }
    }

    @Override
    public void close() {
        fd.close();
    }

    private static MemorySegment message(Arena arena, MemorySegment bytes, MemorySegment control) {
        MemorySegment iovec = arena.allocate(IOVEC_BYTES, Long.BYTES);
        iovec.set(JAVA_LONG, 0, bytes.address());
        iovec.set(JAVA_LONG, Long.BYTES, bytes.byteSize());
        MemorySegment message = arena.allocate(MESSAGE_BYTES, Long.BYTES);
        message.set(JAVA_LONG, IOVEC_AT, iovec.address());
        message.set(JAVA_LONG, IOVEC_COUNT_AT, 1);
        message.set(JAVA_LONG, CONTROL_AT, control.address());
        message.set(JAVA_LONG, CONTROL_LENGTH_AT, control.byteSize());
        return message;
    }

    private static void take(MemorySegment control, List<Fd> fds) {
        for (long at = 0; at + RIGHTS_AT <= control.byteSize(); ) {
            long length = control.get(JAVA_LONG, at);
            boolean rights = control.get(JAVA_INT, at + LEVEL_AT) == SOL_SOCKET
                    && control.get(JAVA_INT, at + TYPE_AT) == SCM_RIGHTS;
            for (long i = RIGHTS_AT; rights && i + Integer.BYTES <= length; i += Integer.BYTES) {
                fds.add(Fd.owning(control.get(JAVA_INT, at + i)));
            }
            at += Math.max(RIGHTS_AT, alignedBytes(length, 1));
        }
    }

    private static long alignedBytes(int count) {
        return alignedBytes(count, Integer.BYTES);
    }

    private static long alignedBytes(long count, int each) {
        return (count * each + Long.BYTES - 1) / Long.BYTES * Long.BYTES;
    }
}
