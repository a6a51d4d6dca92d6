package dev.upcall.e2e.benchmark;

import java.util.Arrays;

/// Times of single operations in one round. Confined to one thread.
final class Samples {

    /// More than one round can have.
    private static final int MAX = 1_000_000;

    private final long[] nanos = new long[MAX];
    private int taken;

    void clear() {
        taken = 0;
    }

    void add(long time) {
        if (taken < MAX) {
            nanos[taken++] = time;
        }
    }

    int taken() {
        return taken;
    }

    /// `p50 N p99 N`. Sorts what was taken.
    @Override
    public String toString() {
        Arrays.sort(nanos, 0, taken);
        return "p50 " + at(0.5) + " p99 " + at(0.99);
    }

    private long at(double share) {
        return taken == 0 ? 0 : nanos[Math.min(taken - 1, (int) (taken * share))];
    }
}
