package dev.upcall.e2e;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// What a program printed so far, line by line. Whoever waits for a line is woken by it. Thread-safe.
public final class ConsoleLog {
    /// A program that has more to say than this is not part of a story.
    private static final int LINES_MAX = 100_000;

    /// Guarded by this.
    private final List<String> lines = new ArrayList<>();

    /// Collects the stream on a thread of its own until it ends.
    public Thread collect(InputStream stream) {
        return Thread.ofVirtual().start(() -> {
            Consumer<byte[]> pieces = pieces();
            byte[] buffer = new byte[8192];
            try (stream) {
                for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
                    pieces.accept(Arrays.copyOf(buffer, n));
                }
            } catch (IOException e) {
                add("(the console ended: " + e.getMessage() + ")");
            }
        });
    }

    /// Takes the pieces of one stream, cut anywhere. Not thread-safe itself: one for each stream.
    public Consumer<byte[]> pieces() {
        ByteArrayOutputStream begun = new ByteArrayOutputStream();
        return bytes -> {
            for (byte b : bytes) {
                if (b == '\n') {
                    add(begun.toString(StandardCharsets.UTF_8));
                    begun.reset();
                } else {
                    begun.write(b);
                }
            }
        };
    }

    public synchronized void add(String line) {
        if (lines.size() < LINES_MAX) {
            lines.add(line);
        }
        notifyAll();
    }

    public synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    public String text() {
        return String.join("\n", lines());
    }

    /// Waits for the first line that is as wanted.
    public void await(String what, Predicate<String> wanted, Duration atMost) {
        await(what, 1, wanted, atMost);
    }

    /// Waits until so many lines are as wanted.
    ///
    /// @throws AssertionError with all that was printed instead, when the time is over
    public synchronized void await(String what, int count, Predicate<String> wanted, Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (lines.stream().filter(wanted).count() < count) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new AssertionError("waited " + atMost + " for " + what + "; printed until then:\n" + text());
            }
            try {
                // Rounded up, for a wait of 0 would be one without end.
                wait(left / 1_000_000 + 1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting for " + what, e);
            }
        }
    }
}
