package dev.upcall.client.cli;

import java.io.PrintWriter;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One line on the terminal that says what is being waited for, rewritten twice a second and erased at the end.
final class Progress implements AutoCloseable {
    /// What is quicker than this needs no explanation.
    private static final long FIRST_MILLIS = 1000;

    private static final long EVERY_MILLIS = 500;

    /// A line that wraps could not be erased.
    private static final int WIDTH_MAX = 78;

    private static final String ERASE = "\r\u001b[K";

    private final @Nullable PrintWriter terminal;
    private final Supplier<String> what;
    private final @Nullable ScheduledExecutorService timer;
    private int ticks;

    private Progress(@Nullable PrintWriter terminal, Supplier<String> what, @Nullable ScheduledExecutorService timer) {
        this.terminal = terminal;
        this.what = what;
        this.timer = timer;
    }

    static Progress silent() {
        return new Progress(null, () -> "", null);
    }

    static Progress on(PrintWriter terminal, Supplier<String> what) {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("progress").factory());
        Progress progress = new Progress(terminal, what, timer);
        var _ = timer.scheduleAtFixedRate(progress::tick, FIRST_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
        return progress;
    }

    /// Writes the line once more.
    synchronized void tick() {
        PrintWriter out = terminal;
        if (out == null) {
            return;
        }
        long seconds = (FIRST_MILLIS + ticks++ * EVERY_MILLIS) / 1000;
        String line = Printer.harmless("[" + seconds + " s] " + what.get());
        out.print(ERASE + (line.length() <= WIDTH_MAX ? line : line.substring(0, WIDTH_MAX - 1) + "…"));
        out.flush();
    }

    /// Erases the line.
    @Override
    public synchronized void close() {
        ScheduledExecutorService running = timer;
        if (running != null) {
            running.shutdownNow();
        }
        PrintWriter out = terminal;
        if (out != null && ticks > 0) {
            out.print(ERASE);
            out.flush();
        }
    }
}
