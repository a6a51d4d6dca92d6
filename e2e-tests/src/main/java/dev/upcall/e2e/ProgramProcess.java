package dev.upcall.e2e;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A program as a plain process of this machine.
public final class ProgramProcess implements Program {
    /// A killed process is gone in milliseconds; only a stuck machine takes longer.
    private static final Duration END_MAX = Duration.ofSeconds(10);

    private final List<String> command;
    private final ConsoleLog console = new ConsoleLog();
    private @Nullable Process process;

    public ProgramProcess(List<String> command) {
        this.command = List.copyOf(command);
    }

    @Override
    public void start() {
        Process running = process;
        if (running != null && running.isAlive()) {
            throw new IllegalStateException("it runs already: " + command);
        }
        try {
            Process started =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            console.collect(started.getInputStream());
            process = started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void kill() {
        Process running = started();
        running.destroyForcibly();
        awaitEnd(running);
    }

    @Override
    public void pause() {
        signal(started(), "STOP");
    }

    @Override
    public void unpause() {
        signal(started(), "CONT");
    }

    /// Writes a line to its standard input.
    public void type(String line) {
        try {
            OutputStream input = started().getOutputStream();
            input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            input.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Its process id.
    public long pid() {
        return started().pid();
    }

    @Override
    public ConsoleLog console() {
        return console;
    }

    @Override
    public void close() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
            awaitEnd(running);
        }
    }

    /// Sends a signal by its name, as `kill -NAME` does.
    static void signal(Process process, String name) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                    .inheritIO()
                    .start();
            awaitEnd(kill);
            if (kill.exitValue() != 0) {
                throw new IllegalStateException("kill -" + name + " found no process " + process.pid());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitEnd(Process process) {
        try {
            if (!process.waitFor(END_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("process " + process.pid() + " did not end within " + END_MAX);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a process ended", e);
        }
    }

    private Process started() {
        Process running = process;
        if (running == null) {
            throw new IllegalStateException("it was never started: " + command);
        }
        return running;
    }
}
