package dev.upcall.client.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;

/// A non-blocking stream socket of any family, and waiting on it with a deadline.
///
/// `struct pollfd`: i32 fd at 0, i16 events at 4, i16 revents at 6; 8 bytes.
final class StreamSocket {
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_NONBLOCK_CLOEXEC = 0x800 | 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_ERROR = 4;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int SHUT_WR = 1;
    private static final int SHUT_RDWR = 2;
    private static final Duration FOR_EVER = Duration.ofDays(1000);
    private static final short POLLIN = 1;
    private static final short POLLOUT = 4;
    private static final int POLLFD_BYTES = 8;
    private static final int EVENTS_AT = 4;

    private StreamSocket() {}

    /// @throws PosixException EAFNOSUPPORT without the family, EMFILE and ENFILE when out of descriptors
    static Fd open(int family) throws PosixException {
        return Fd.owning(Libc.checked("socket", Libc.socket(family, SOCK_STREAM | SOCK_NONBLOCK_CLOEXEC, 0)));
    }

    /// True when connected already, false when the kernel is still at it.
    static boolean startConnect(int fd, MemorySegment address, String name) throws PosixException {
        int answer = Libc.connect(fd, address);
        if (answer == -Errno.EINPROGRESS.number()) {
            return false;
        }
        Libc.checked("connect " + name, answer);
        return true;
    }

    /// Waits for the connect that was started, and says how it ended.
    ///
    /// @throws PosixException ETIMEDOUT when the time passes first, else what the kernel says
    static void awaitConnected(Fd fd, Duration wait, String name) throws PosixException {
        if (!poll(fd, POLLOUT, wait)) {
            throw new PosixException("connect " + name, Errno.ETIMEDOUT);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment error = arena.allocate(JAVA_INT);
            MemorySegment size = arena.allocateFrom(JAVA_INT, Integer.BYTES);
            Libc.checked("getsockopt", Libc.getsockopt(fd.number(), SOL_SOCKET, SO_ERROR, error, size));
            Libc.checked("connect " + name, -error.get(JAVA_INT, 0));
        }
    }

    static void listen(int fd, MemorySegment address, int backlog, String name) throws PosixException {
        Libc.checked("bind " + name, Libc.bind(fd, address));
        Libc.checked("listen " + name, Libc.listen(fd, backlog));
    }

    /// Fills in who is connected; of a longer address only what fits.
    static void peer(int fd, MemorySegment address) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocateFrom(JAVA_INT, Math.toIntExact(address.byteSize()));
            Libc.checked("getpeername", Libc.getpeername(fd, address, size));
        }
    }

    /// The next connection, or empty when the time passes first.
    static Optional<Fd> accept(Fd fd, Duration wait) throws PosixException {
        long deadline = System.nanoTime() + wait.toNanos();
        while (true) {
            int answer = Libc.accept4(fd.number(), SOCK_NONBLOCK_CLOEXEC);
            if (answer != -Errno.EAGAIN.number()) {
                return Optional.of(Fd.owning(Libc.checked("accept", answer)));
            }
            if (!poll(fd, POLLIN, Duration.ofNanos(deadline - System.nanoTime()))) {
                return Optional.empty();
            }
        }
    }

    /// What has arrived, at least one byte; −1 at the end of the stream. Waits as long as that takes.
    static int read(Fd fd, ByteBuffer into) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(into.remaining());
            int count = whenReady(fd, POLLIN, "recv", number -> Libc.recv(number, bytes, 0));
            into.put(bytes.asSlice(0, count).asByteBuffer());
            return count == 0 ? -1 : count;
        }
    }

    /// All of it. Waits as long as that takes.
    static void write(Fd fd, ByteBuffer from) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(from.remaining());
            bytes.asByteBuffer().put(from);
            for (long at = 0; at < bytes.byteSize(); ) {
                MemorySegment rest = bytes.asSlice(at);
                at += whenReady(fd, POLLOUT, "send", number -> Libc.send(number, rest, MSG_NOSIGNAL));
            }
        }
    }

    /// Ends both directions: whoever reads sees the end. The descriptor stays open.
    static void shutdown(Fd fd) throws PosixException {
        Libc.checked("shutdown", Libc.shutdown(fd.number(), SHUT_RDWR));
    }

    /// Ends our direction: the peer reads what was written, and then the end. Reading goes on.
    static void shutdownOutput(Fd fd) throws PosixException {
        Libc.checked("shutdown", Libc.shutdown(fd.number(), SHUT_WR));
    }

    /// Calls until the answer is another than "would block", waiting in between.
    private static int whenReady(Fd fd, short events, String name, IntUnaryOperator call) throws PosixException {
        while (true) {
            int answer = call.applyAsInt(fd.number());
            if (answer == -Errno.EAGAIN.number()) {
                poll(fd, events, FOR_EVER);
            } else if (answer != -Errno.EINTR.number()) {
                return Libc.checked(name, answer);
            }
        }
    }

    /// True when the kernel has something to say, false when the time passes first; signals do not count.
    private static boolean poll(Fd fd, short events, Duration wait) throws PosixException {
        long deadline = System.nanoTime() + wait.toNanos();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pollfd = arena.allocate(POLLFD_BYTES, Integer.BYTES);
            pollfd.set(JAVA_INT, 0, fd.number());
            pollfd.set(JAVA_SHORT, EVENTS_AT, events);
            while (true) {
                int answer = Libc.poll(pollfd, 1, millisUntil(deadline));
                if (answer > 0) {
                    return true;
                }
                if (answer < 0 && answer != -Errno.EINTR.number()) {
                    throw new PosixException("poll", new Errno(-answer));
                }
                if (deadline - System.nanoTime() <= 0) {
                    return false;
                }
            }
        }
    }

    /// Rounded up: a poll that returns too early would spin.
    private static int millisUntil(long deadline) {
        long nanos = Math.max(0, deadline - System.nanoTime());
        return (int) Math.min(Integer.MAX_VALUE, TimeUnit.NANOSECONDS.toMillis(nanos + 999_999));
    }
}
