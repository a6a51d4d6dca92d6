package dev.upcall.stub.linux;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Looks again and again, so that what others do to the kernel is noticed too. A thread of its own;
/// confined to it.
final class Watch implements AutoCloseable {

    private final Lookout lookout;
    private final Consumer<String> notes;
    private final ScheduledExecutorService executor;

    /// What the last look failed for, said once.
    private @Nullable String trouble;

    /// Begins at once.
    Watch(Lookout lookout, Duration interval, Consumer<String> notes) {
        this.lookout = lookout;
        this.notes = notes;
        this.executor = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("watch sysfs").daemon().factory());
        var _ = executor.scheduleWithFixedDelay(
                this::look, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void look() {
        try {
            lookout.look();
            trouble = null;
        } catch (IOException e) {
            String why = String.valueOf(e.getMessage());
            if (!why.equals(trouble)) {
                notes.accept("the kernel cannot be watched: " + why);
                trouble = why;
            }
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
