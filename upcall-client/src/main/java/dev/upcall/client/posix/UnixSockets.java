package dev.upcall.client.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// UNIX stream sockets whose bytes go straight to and from memory outside the Java heap, a guest's for
/// example. Non-blocking.
///
/// What a call on a stream answers beside a number of bytes is a meaning, not an `errno`:
/// [#WOULD_BLOCK], [#LOST] or [#FAULT]. Confined to one thread; [#receive] and [#send] allocate
/// nothing.
public final class UnixSockets {
    /// Not now: an [Epoll] tells when.
    public static final int WOULD_BLOCK = -1;

    /// The peer is gone, or takes no more.
    public static final int LOST = -2;

    /// The memory is not there: its file was made shorter.
    public static final int FAULT = -3;

    private static final int SHUT_RD = 0;
    private static final int SHUT_WR = 1;

    private final LeanCalls calls = new LeanCalls();

    /// Connects at once or not at all: a UNIX socket whose listener has no room is refused with EAGAIN.
    ///
    /// @throws PosixException ENOENT, ECONNREFUSED or EAGAIN when nobody will answer there
    /// @throws IllegalArgumentException when the path does not fit into an address
    public static Fd connect(Path path) throws PosixException {
        Fd fd = StreamSocket.open(UnixAddress.FAMILY);
        try (Arena arena = Arena.ofConfined()) {
            StreamSocket.startConnect(fd.number(), UnixAddress.encode(path, arena), path.toString());
            return fd;
        } catch (PosixException | IllegalArgumentException e) {
            fd.close();
            throw e;
        }
    }

    /// Binds to a path that does not exist yet, and listens.
    public static Fd listen(Path path, int backlog) throws PosixException {
        Fd fd = StreamSocket.open(UnixAddress.FAMILY);
        try (Arena arena = Arena.ofConfined()) {
            StreamSocket.listen(fd.number(), UnixAddress.encode(path, arena), backlog, path.toString());
            return fd;
        } catch (PosixException | IllegalArgumentException e) {
            fd.close();
            throw e;
        }
    }

    /// Who waits to be accepted; empty when nobody does.
    ///
    /// @throws PosixException EMFILE or ENFILE when out of descriptors: whoever waits goes on waiting
    public static Optional<Fd> accept(Fd listener) throws PosixException {
        return StreamSocket.accept(listener, Duration.ZERO);
    }

    /// @return how many bytes came, 0 at the end of the stream, or one of the meanings
    public int receive(Fd fd, MemorySegment into, long at, int count) {
        return meaning(calls.recv(fd.number(), address(into, at, count), count));
    }

    /// @return how many bytes were taken, or one of the meanings
    public int send(Fd fd, MemorySegment from, long at, int count) {
        return meaning(calls.send(fd.number(), address(from, at, count), count));
    }

    /// Sends no more: the peer reads to the end.
    public static void end(Fd fd) {
        Libc.shutdown(fd.number(), SHUT_WR); // one that is lost already needs no end
    }

    /// Receives no more: the peer's next write fails.
    public static void refuse(Fd fd) {
        Libc.shutdown(fd.number(), SHUT_RD);
    }

    private static int meaning(int answer) {
        if (answer >= 0) {
            return answer;
        }
        if (answer == -Errno.EAGAIN.number() || answer == -Errno.EINTR.number()) {
            return WOULD_BLOCK;
        }
        return answer == -Errno.EFAULT.number() ? FAULT : LOST;
    }

    /// The kernel knows no bounds of segments: they are checked here.
    private static long address(MemorySegment segment, long at, int count) {
        if (!segment.isNative() || at < 0 || count < 0 || at > segment.byteSize() - count) {
            throw new IndexOutOfBoundsException(count + " bytes at " + at + " of " + segment);
        }
        return segment.address() + at;
    }
}
