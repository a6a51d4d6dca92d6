package dev.upcall.e2e;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// `./upcall` as a real process: what people and scripts see of it.
public final class UpcallCommand implements AutoCloseable {
    /// Commands here are given guests that answer, or deadlines of a few seconds.
    private static final Duration END_MAX = Duration.ofSeconds(60);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final ConsoleLog out = new ConsoleLog();
    private final ConsoleLog err = new ConsoleLog();
    private final List<Thread> collecting;

    private UpcallCommand(Process process) {
        this.process = process;
        this.collecting = List.of(out.collect(process.getInputStream()), err.collect(process.getErrorStream()));
    }

    /// A command that ended.
    ///
    /// @param exit its exit code
    /// @param out the lines of its standard output
    /// @param err the lines of its standard error
    public record Ended(int exit, List<String> out, List<String> err) {
        /// Every line of standard output as the JSON object that it must be.
        public List<JsonNode> json() {
            return out.stream().map(UpcallCommand::object).toList();
        }

        /// The last line of output: with `--json` a command's result, its error too.
        public JsonNode lastJson() {
            return json().getLast();
        }
    }

    /// Starts `./upcall` of this checkout.
    public static UpcallCommand start(String... arguments) {
        return startIn(Repository.file(""), arguments);
    }

    /// Starts `./upcall` of another checkout.
    ///
    /// Whoever started this JVM in the background of a shell made it, and so its children, deaf to SIGINT;
    /// `env` gives the command its hearing back.
    public static UpcallCommand startIn(Path checkout, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                "env", "--default-signal=INT", checkout.resolve("upcall").toString()));
        command.addAll(List.of(arguments));
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            // A developer's own settings are not part of a story.
            builder.environment().keySet().removeIf(name -> name.startsWith("UPCALL_"));
            Process process = builder.start();
            process.getOutputStream().close();
            return new UpcallCommand(process);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Runs `./upcall` to its end.
    public static Ended run(String... arguments) {
        try (UpcallCommand command = start(arguments)) {
            return command.ended();
        }
    }

    public ConsoleLog out() {
        return out;
    }

    public ConsoleLog err() {
        return err;
    }

    /// What Ctrl-C in a terminal does.
    public void interrupt() {
        ProgramProcess.signal(process, "INT");
    }

    /// Waits for the end of the command.
    public Ended ended() {
        return ended(END_MAX);
    }

    public Ended ended(Duration atMost) {
        try {
            if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("the command did not end within " + atMost + "; it printed:\n" + out.text()
                        + "\nand complained:\n" + err.text());
            }
            for (Thread thread : collecting) {
                thread.join();
            }
            return new Ended(process.exitValue(), out.lines(), err.lines());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while a command ran", e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private static JsonNode object(String line) {
        try {
            JsonNode node = JSON.readTree(line);
            if (!node.isObject()) {
                throw new AssertionError("not a JSON object: " + line);
            }
            return node;
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + line, e);
        }
    }
}
