package dev.upcall.client.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A counter that can be waited for: how a guest, a VMM and a device wake each other. Never blocks.
///
/// One that was received belongs to somebody else too, and may be no eventfd at all: it is made
/// non-blocking, so that a signal costs at most itself. [#signal] may be called by any thread, [#drain]
/// by one.
public final class EventFd implements AutoCloseable {
    private static final int CLOEXEC_NONBLOCK = 0x80000 | 0x800;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int O_NONBLOCK = 0x800;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment one = arena.allocate(ValueLayout.JAVA_LONG);
    private final MemorySegment count = arena.allocate(ValueLayout.JAVA_LONG);
    private final LeanCalls reading = new LeanCalls();
    private final LeanCalls writing = new LeanCalls();
    private final Fd fd;

    private EventFd(Fd fd) {
        this.fd = fd;
        one.set(ValueLayout.JAVA_LONG, 0, 1);
    }

    /// A fresh one at 0.
    public static EventFd create() throws PosixException {
        return new EventFd(Fd.owning(Libc.checked("eventfd", Libc.eventfd(0, CLOEXEC_NONBLOCK))));
    }

    /// One that was received; owned from now on, also when this fails.
    public static EventFd owning(Fd received) throws PosixException {
        try {
            int flags = Libc.checked("fcntl", Libc.fcntl(received.number(), F_GETFL, 0));
            Libc.checked("fcntl", Libc.fcntl(received.number(), F_SETFL, flags | O_NONBLOCK));
            return new EventFd(received);
        } catch (PosixException e) {
            received.close();
            throw e;
        }
    }

    /// What is waited for, and passed on.
    public Fd fd() {
        return fd;
    }

    /// Wakes whoever waits. A counter that is full has woken them already.
    ///
    /// @throws PosixException when it is no eventfd, or its other end is gone
    public synchronized void signal() throws PosixException {
        int answer = writing.write(fd.number(), one.address(), Long.BYTES);
        if (answer != -Errno.EAGAIN.number()) {
            Libc.checked("write eventfd", answer);
        }
    }

    /// How often it was signalled since the last time; 0 when it was not.
    public long drain() throws PosixException {
        int answer = reading.read(fd.number(), count.address(), Long.BYTES);
        if (answer == -Errno.EAGAIN.number()) {
            return 0;
        }
        Libc.checked("read eventfd", answer);
        return count.get(ValueLayout.JAVA_LONG, 0);
    }

    /// Idempotent.
    @Override
    public synchronized void close() {
        if (fd.isOpen()) {
            fd.close();
            arena.close();
        }
    }
}
