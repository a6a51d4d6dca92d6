package dev.upcall.client.cli;

import dev.upcall.client.ClientRuntime;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/// Runs the command line inside the test: what a shell would see of it.
final class Shell {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final Interruption interruption = new Interruption();
    private Map<String, String> environment = Map.of();
    private InputStream stdin = InputStream.nullInputStream();
    private LongSupplier ticker = System::nanoTime;
    private boolean terminal;

    /// How a run ended and what it said.
    record Ended(int exit, String out, String err) {
        List<String> lines() {
            return out.lines().toList();
        }
    }

    Shell with(String variable, String value) {
        environment = Map.of(variable, value);
        return this;
    }

    Shell reading(String text) {
        return reading(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    Shell reading(InputStream in) {
        stdin = in;
        return this;
    }

    Shell ticking(LongSupplier nanos) {
        ticker = nanos;
        return this;
    }

    Shell onTerminal() {
        terminal = true;
        return this;
    }

    Ended run(String... words) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        Surroundings surroundings = new Surroundings(
                stdin,
                new PrintWriter(out),
                new PrintWriter(err),
                environment,
                terminal,
                ticker,
                _ -> ClientRuntime.shared());
        return ended(new Cli(surroundings, interruption).run(words));
    }

    /// Runs without waiting, for what a signal or a late guest ends.
    CompletableFuture<Ended> start(String... words) {
        return CompletableFuture.supplyAsync(
                () -> run(words), task -> Thread.ofVirtual().start(task));
    }

    /// What Ctrl-C does, up to the end of the process.
    Ended interrupt() {
        return ended(interruption.signalled().orElseThrow().code());
    }

    String out() {
        return out.toString();
    }

    String err() {
        return err.toString();
    }

    private Ended ended(int exit) {
        return new Ended(exit, out.toString(), err.toString());
    }
}
