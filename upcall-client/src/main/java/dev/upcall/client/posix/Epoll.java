package dev.upcall.client.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Waits for many descriptors at once, edge-triggered: what is ready is told once, and again only when
/// something new happens to it. Whoever is told remembers it until a call would block.
///
/// `struct epoll_event`: u32 events at 0, u64 key at 4 on x86-64, where it is packed into 12 bytes,
/// else at 8 of 16.
///
/// Confined to one thread; nothing is allocated per wait.
public final class Epoll implements AutoCloseable {
    public static final int IN = 1;
    public static final int OUT = 4;
    public static final int ERR = 8;

    /// Both directions are closed: the peer is gone, not merely silent.
    public static final int HUP = 0x10;

    /// The peer sends no more.
    public static final int RDHUP = 0x2000;

    private static final int EDGE = 1 << 31;
    private static final int ADD = 1;
    private static final int DELETE = 2;
    private static final int CLOEXEC = 0x80000;
    private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");
    private static final int EVENT_BYTES = PACKED ? 12 : 16;
    private static final int KEY_AT = PACKED ? 4 : 8;

    /// Of one wait; more come with the next.
    private static final int EVENTS_MAX = 256;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment events = arena.allocate((long) EVENT_BYTES * EVENTS_MAX, Long.BYTES);
    private final MemorySegment event = arena.allocate(EVENT_BYTES, Long.BYTES);
    private final LeanCalls calls = new LeanCalls();
    private final Fd fd;

    private Epoll(Fd fd) {
        this.fd = fd;
    }

    /// @throws PosixException EMFILE and ENFILE when out of descriptors
    public static Epoll open() throws PosixException {
        return new Epoll(Fd.owning(Libc.checked("epoll_create1", Libc.epollCreate(CLOEXEC))));
    }

    /// Watches a descriptor; what is ready already is told by the next [#await].
    ///
    /// @param interest some of [#IN], [#OUT] and [#RDHUP]; [#ERR] and [#HUP] come unasked
    /// @param key what [#key] tells it by
    /// @throws PosixException EPERM for what cannot be waited for, a file for example
    public void add(Fd watched, int interest, long key) throws PosixException {
        event.set(ValueLayout.JAVA_INT_UNALIGNED, 0, interest | EDGE);
        event.set(ValueLayout.JAVA_LONG_UNALIGNED, KEY_AT, key);
        Libc.checked("epoll_ctl add", Libc.epollControl(fd.number(), ADD, watched.number(), event));
    }

    /// Watches it no more. Needed where a copy of the descriptor lives on in another process.
    public void remove(Fd watched) throws PosixException {
        Libc.checked("epoll_ctl delete", Libc.epollControl(fd.number(), DELETE, watched.number(), event));
    }

    /// Blocks until something is ready or the time has passed.
    ///
    /// @param millis 0 to look only, negative to wait for ever
    /// @return how many are ready; 0 also when a signal came
    public int await(int millis) throws PosixException {
        int count = calls.epollWait(fd.number(), events, EVENTS_MAX, millis);
        return count == -Errno.EINTR.number() ? 0 : Libc.checked("epoll_wait", count);
    }

    /// @param i below what [#await] returned
    public long key(int i) {
        return events.get(ValueLayout.JAVA_LONG_UNALIGNED, (long) i * EVENT_BYTES + KEY_AT);
    }

    /// What happened to it.
    public int events(int i) {
        return events.get(ValueLayout.JAVA_INT_UNALIGNED, (long) i * EVENT_BYTES);
    }

    /// Idempotent; on the thread that opened it.
    @Override
    public void close() {
        if (fd.isOpen()) {
            fd.close();
            arena.close();
        }
    }
}
