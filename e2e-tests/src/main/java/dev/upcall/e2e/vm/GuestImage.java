package dev.upcall.e2e.vm;

import dev.upcall.e2e.ConsoleLog;
import dev.upcall.e2e.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// What every guest boots. Packed once for each run of the stories, and not at all when nothing has changed.
final class GuestImage {
    /// A first packing takes 10 s, of which jlink is the most.
    private static final Duration PACK_MAX = Duration.ofMinutes(3);

    private static final String FOLDER = "e2e-tests/target/guest-vm/";

    /// Guarded by the class.
    private static boolean packed;

    private GuestImage() {}

    static Path kernel() {
        return Repository.file(FOLDER + "kernel/vmlinuz");
    }

    static synchronized Path initramfs() {
        if (!packed) {
            pack();
            packed = true;
        }
        return Repository.file(FOLDER + "initramfs");
    }

    private static void pack() {
        try {
            ProcessBuilder builder = new ProcessBuilder(
                            Repository.file("e2e-tests/guest-vm/pack").toString())
                    .redirectErrorStream(true);
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            Process process = builder.start();
            ConsoleLog console = new ConsoleLog();
            Thread collecting = console.collect(process.getInputStream());
            if (!process.waitFor(PACK_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("guest-vm/pack took longer than " + PACK_MAX);
            }
            collecting.join();
            if (process.exitValue() != 0) {
                throw new IllegalStateException("guest-vm/pack failed:\n" + console.text());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a guest was packed", e);
        }
    }
}
