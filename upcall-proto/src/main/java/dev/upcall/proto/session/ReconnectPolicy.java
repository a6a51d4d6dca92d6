package dev.upcall.proto.session;

import java.time.Duration;

/// How often and how fast to dial again. A pure value: the jitter comes from a seed.
///
/// The first two dials go at once (some guests drop the first connection after a snapshot restore), then the pause
/// doubles from `first` up to `longest`, each shortened by up to half so that many clients do not dial in step. Where
/// there is not even a socket file, every pause is the longest: its appearance is what ends the wait.
///
/// @param attemptsMax dials in one budget; a good connection renews it. [#UNLIMITED] by default
/// @param first pause before the third dial
/// @param longest no pause is longer
/// @param seed of the jitter
public record ReconnectPolicy(int attemptsMax, Duration first, Duration longest, long seed) {

    public static final int UNLIMITED = Integer.MAX_VALUE;

    /// Dials that are not preceded by a pause.
    private static final int AT_ONCE = 2;

    public static final ReconnectPolicy DEFAULT =
            new ReconnectPolicy(UNLIMITED, Duration.ofMillis(1), Duration.ofSeconds(1), 0x75_70_63_61_6c_6cL);

    public ReconnectPolicy {
        if (attemptsMax < 1) {
            throw new IllegalArgumentException("attempts must be at least 1: " + attemptsMax);
        }
        if (first.isNegative() || first.isZero() || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException(
                    "pauses must be positive and rise: first " + first + ", longest " + longest);
        }
    }

    public static ReconnectPolicy once() {
        return new ReconnectPolicy(1, DEFAULT.first, DEFAULT.longest, DEFAULT.seed);
    }

    public ReconnectPolicy withSeed(long newSeed) {
        return new ReconnectPolicy(attemptsMax, first, longest, newSeed);
    }

    /// Nanoseconds to wait before dial number `attempt` (0 = voluntary, 1 = first of a budget).
    public long delayNanos(int attempt) {
        if (attempt <= AT_ONCE) {
            return 0;
        }
        int doublings = attempt - AT_ONCE - 1;
        boolean fits = doublings < Long.numberOfLeadingZeros(first.toNanos()) - 1;
        return shortened(fits ? Math.min(first.toNanos() << doublings, longest.toNanos()) : longest.toNanos(), attempt);
    }

    /// Nanoseconds to wait before dial number `attempt` where only something new could let it succeed and the driver
    /// watches for that: the longest pause from the start.
    public long idleNanos(int attempt) {
        return shortened(longest.toNanos(), attempt);
    }

    private long shortened(long whole, int attempt) {
        long jitter = Long.remainderUnsigned(mix(seed + attempt), whole / 2 + 1);
        return whole - jitter;
    }

    /// The finaliser of SplitMix64: spreads neighbouring seeds over all bits.
    private static long mix(long z) {
        long a = (z + 0x9E3779B97F4A7C15L);
        a = (a ^ (a >>> 30)) * 0xBF58476D1CE4E5B9L;
        a = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return a ^ (a >>> 31);
    }
}
