package dev.upcall.client.cli;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/// How much of `--timeout` is left. Begins when it is made.
final class TimeBudget {
    private final LongSupplier ticker;
    private final long begun;
    private final Optional<Duration> whole;

    TimeBudget(LongSupplier ticker, Optional<Duration> whole) {
        this.ticker = ticker;
        this.begun = ticker.getAsLong();
        this.whole = whole;
    }

    /// A time-out of zero would mean "none" to the library.
    private static final Duration SHORTEST = Duration.ofNanos(1);

    /// The shorter of the wish and what is left; always positive.
    Duration bounded(Duration wish) {
        Duration left = whole.map(w -> w.minus(spent())).orElse(wish);
        if (!left.isPositive()) {
            return SHORTEST;
        }
        return left.compareTo(wish) < 0 ? left : wish;
    }

    boolean isSpent() {
        return whole.isPresent() && spent().compareTo(whole.get()) >= 0;
    }

    Duration spent() {
        return Duration.ofNanos(ticker.getAsLong() - begun);
    }
}
