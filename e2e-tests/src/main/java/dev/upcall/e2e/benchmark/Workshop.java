package dev.upcall.e2e.benchmark;

import dev.upcall.client.posix.RLimit;
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

    private static final int SPARE_DESCRIPTORS = 200;

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
        for (String program : List.of("server", "client", "streams", "ports")) {
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

    /// [streams.c] on the clients' core.
    List<String> streams(String mode, Path path, long number) {
        return pinned(
                CLIENT_CORE,
                List.of(programs.resolve("streams").toString(), mode, path.toString(), Long.toString(number)));
    }

    /// The far end of the streams, behind a hybrid socket of this machine.
    Child ports(int core, Path path) throws IOException {
        Child ports = Child.start(pinned(core, List.of(programs.resolve("ports").toString(), "unix", path.toString())));
        ports.hear();
        return ports;
    }

    /// The same for a guest, which has no libraries; `guest-vm/pack` takes it along.
    void compileForGuest() throws IOException {
        Path home = programs.resolve("../..").normalize();
        Path folder = Files.createDirectories(home.resolve("target/guest-vm/programs"));
        compile(home.resolve("src/main/c/ports.c"), folder.resolve("ports"), "-static");
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

    /// Room for a connection of each guest, and for what a process has open besides.
    ///
    /// Throws [Row.SkippedException] where that is not allowed.
    static void requireDescriptors(int guests) throws IOException {
        int needed = guests + SPARE_DESCRIPTORS;
        long granted = RLimit.raiseDescriptors().soft();
        if (granted < needed) {
            throw new Row.SkippedException(
                    granted + " descriptors are allowed and " + needed + " needed: ulimit -n " + needed);
        }
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
    static List<String> pinned(int core, List<String> command) {
        List<String> whole = new ArrayList<>(List.of("chrt", "-b", "0", "taskset", "-c", Integer.toString(core)));
        whole.addAll(command);
        return whole;
    }

    private static void compile(Path source, Path program, String... flags) throws IOException {
        List<String> command = new ArrayList<>(List.of("gcc", "-O2", "-Wall"));
        command.addAll(List.of(flags));
        command.addAll(List.of("-o", program.toString(), source.toString()));
        Process gcc = new ProcessBuilder(command).inheritIO().start();
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
