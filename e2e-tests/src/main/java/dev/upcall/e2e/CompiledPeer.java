package dev.upcall.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A peer written in C, in `src/test/c`: client and stub share `upcall-proto`, and only somebody else's bytes
/// show an error that both of them make.
public final class CompiledPeer {
    private static final int COMPILE_SECONDS_MAX = 30;

    private CompiledPeer() {}

    /// Compiles `name.c` and returns a program that runs it.
    public static Program of(String name, Path socket) {
        return new ProgramProcess(List.of(compiled(name).toString(), socket.toString()));
    }

    private static Path compiled(String name) {
        Path target = Repository.file("e2e-tests/target/c");
        Path program = target.resolve(name);
        List<String> command = new ArrayList<>(
                List.of("gcc", "-std=c11", "-D_DEFAULT_SOURCE", "-Wall", "-Wextra", "-Werror", "-O1", "-o"));
        command.add(program.toString());
        command.add(Repository.file("e2e-tests/src/test/c/" + name + ".c").toString());
        try {
            Files.createDirectories(target);
            ConsoleLog console = new ConsoleLog();
            Process gcc = new ProcessBuilder(command).redirectErrorStream(true).start();
            Thread collecting = console.collect(gcc.getInputStream());
            if (!gcc.waitFor(COMPILE_SECONDS_MAX, TimeUnit.SECONDS)) {
                gcc.destroyForcibly();
                throw new IllegalStateException("gcc needed more than " + COMPILE_SECONDS_MAX + " s for " + name);
            }
            collecting.join();
            if (gcc.exitValue() != 0) {
                throw new IllegalStateException("gcc refused " + name + ".c:\n" + console.text());
            }
            return program;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while gcc ran", e);
        }
    }
}
