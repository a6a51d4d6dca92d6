package dev.upcall.e2e.benchmark;

import dev.upcall.e2e.benchmark.guest.ExtendedServer;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Where the C programs are compiled, the sockets lie, and processes are put together.
///
/// @param programs the compiled C programs
/// @param sockets a short path: the name of a UNIX socket has 107 bytes at most
/// @param quick fewer and shorter rounds: a look, not a result
record Workshop(Path programs, Path sockets, boolean quick) implements AutoCloseable {

    /// The core of the clients, and of the server in the rows "same core".
    static final int CLIENT_CORE = 1;

    /// The core of the server in the rows "cross core".
    static final int OTHER_CORE = 0;

    /// What an embedder of one core and little memory would choose. Netty and the client keep their defaults.
    private static final List<String> JVM_FLAGS = List.of(
            "-XX:+UseSerialGC",
            "-Xms64m",
            "-Xmx256m",
            "--enable-native-access=ALL-UNNAMED",
            "-Dlogback.configurationFile=benchmark-logback.xml");

    /// @param home the folder of the module e2e-tests
    static Workshop open(Path home, boolean quick) throws IOException {
        Path programs = Files.createDirectories(home.resolve("target/benchmark"));
        Path sources = home.resolve("src/main/c");
        for (String program : List.of("server", "client")) {
            compile(sources.resolve(program + ".c"), programs.resolve(program));
        }
        return new Workshop(programs, Files.createTempDirectory("upcall"), quick);
    }

    Path socket(String name) {
        return sockets.resolve(name);
    }

    int rounds() {
        return quick ? 3 : 7;
    }

    long roundMillis() {
        return quick ? 300 : 700;
    }

    /// A guest that listens on `path`.
    Child server(int core, Path path) throws IOException {
        return server(core, List.of(path.toString()));
    }

    /// Guests that listen on `path.first`, `path.first+1`, ….
    Child servers(int core, Path path, int first, int count) throws IOException {
        return server(core, List.of(path.toString(), Integer.toString(first), Integer.toString(count)));
    }

    /// An extended guest for each connection to `path`.
    Child extendedServer(int core, Path path, String... further) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(java());
        command.addAll(List.of("-XX:+UseSerialGC", "-Xmx512m"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ExtendedServer.class.getName()));
        command.add(path.toString());
        command.addAll(List.of(further));
        Child server = Child.start(pinned(core, command));
        server.hear();
        return server;
    }

    List<String> client(int core, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(programs.resolve("client").toString());
        command.addAll(List.of(arguments));
        return pinned(core, command);
    }

    /// A Java peer: a process of its own, so that one's compiled code and garbage are not the other's.
    Child peer(int core, String... arguments) throws IOException {
        return peer(core, JVM_FLAGS, arguments);
    }

    Child peer(int core, List<String> flags, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(java());
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Peer.class.getName()));
        command.addAll(List.of(arguments));
        return Child.start(pinned(core, command));
    }

    static String java() {
        return System.getProperty("java.home") + File.separator + "bin" + File.separator + "java";
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> left = Files.list(sockets)) {
            for (Path path : left.toList()) {
                Files.delete(path);
            }
        }
        Files.delete(sockets);
    }

    private Child server(int core, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(programs.resolve("server").toString());
        command.addAll(arguments);
        Child server = Child.start(pinned(core, command));
        server.hear();
        return server;
    }

    /// Batch policy on one core: a wake-up then interrupts nobody, and what is measured is work, not the scheduler's
    /// choice of whom to run next (which changes a row of many guests by half).
    private static List<String> pinned(int core, List<String> command) {
        List<String> whole = new ArrayList<>(List.of("chrt", "-b", "0", "taskset", "-c", Integer.toString(core)));
        whole.addAll(command);
        return whole;
    }

    private static void compile(Path source, Path program) throws IOException {
        Process gcc = new ProcessBuilder("gcc", "-O2", "-Wall", "-o", program.toString(), source.toString())
                .inheritIO()
                .start();
        try {
            if (gcc.waitFor() != 0) {
                throw new IOException("gcc cannot compile " + source + ": see above");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while gcc compiled " + source, e);
        }
    }
}
