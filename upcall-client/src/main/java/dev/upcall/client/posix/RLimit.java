package dev.upcall.client.posix;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// How many descriptors this process may have: `struct rlimit`, u64 soft at 0, u64 hard at 8.
///
/// @param soft what holds now; [#UNLIMITED] when nothing does
/// @param hard what `soft` may be raised to
public record RLimit(long soft, long hard) {
    /// RLIM_INFINITY.
    public static final long UNLIMITED = -1;

    private static final int RLIMIT_NOFILE = 7;
    private static final int BYTES = 16;
    private static final long HARD_AT = 8;

    public static RLimit ofDescriptors() throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = arena.allocate(BYTES, Long.BYTES);
            Libc.checked("getrlimit", Libc.getrlimit(RLIMIT_NOFILE, limit));
            return new RLimit(limit.get(JAVA_LONG, 0), limit.get(JAVA_LONG, HARD_AT));
        }
    }

    /// Raises the soft limit to the hard one, for the whole process. What holds now.
    public static RLimit raiseDescriptors() throws PosixException {
        RLimit now = ofDescriptors();
        RLimit wanted = new RLimit(now.hard, now.hard);
        if (!now.equals(wanted)) {
            set(wanted);
        }
        return wanted;
    }

    /// Whether so many may be open at once.
    public boolean allows(long count) {
        return soft == UNLIMITED || count <= soft;
    }

    static void set(RLimit wanted) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = arena.allocate(BYTES, Long.BYTES);
            limit.set(JAVA_LONG, 0, wanted.soft);
            limit.set(JAVA_LONG, HARD_AT, wanted.hard);
            Libc.checked("setrlimit " + wanted, Libc.setrlimit(RLIMIT_NOFILE, limit));
        }
    }
}
