package dev.upcall.client.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.upcall.client.transport.Target;
import dev.upcall.proto.message.PciFunction;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The guest stub as a process, started for the demonstration and ended with it: its socket, and its control socket,
/// over which it tells what it has.
final class DemoGuest implements AutoCloseable {
    static final String KERNEL = "kata-6.1";

    /// The client does not know the stub; it only knows the name of its program.
    private static final String MAIN = "dev.upcall.stub.cli.GuestStub";

    private static final String READY = "listening on ";
    private static final int LINE_CHARACTERS_MAX = 1 << 20;
    private static final long END_SECONDS_MAX = 2;
    private static final String DONE = "{\"ok\":true";
    private static final JsonFactory JSON = new JsonFactory();

    private final Path folder;
    private final Process process;

    /// What the guest has.
    record View(List<Integer> cpus, List<String> mmio, List<String> pci) {}

    private DemoGuest(Path folder, Process process) {
        this.folder = folder;
        this.process = process;
    }

    static DemoGuest start() throws Failure {
        try {
            Path folder = Files.createTempDirectory("upcall-demo");
            DemoGuest guest = new DemoGuest(folder, launch(folder));
            try {
                guest.awaitReady();
            } catch (IOException e) {
                guest.close();
                throw e;
            }
            return guest;
        } catch (IOException e) {
            throw new Failure(ExitCode.BUG, "DEMO", "the guest stub cannot be started: " + e.getMessage());
        }
    }

    Target target() {
        return Target.parse("hvsock://" + socket(folder));
    }

    Runnable ending() {
        return this::close;
    }

    long pid() {
        return process.pid();
    }

    /// The VMM plugs a function in; the guest has yet to look.
    void plugIntoVmm(PciFunction function) throws Failure {
        ask("pci add " + function);
    }

    View view() throws Failure {
        Map<String, List<String>> dump = ask("dump");
        return new View(
                dump.getOrDefault("cpus.online", List.of()).stream()
                        .map(Integer::valueOf)
                        .toList(),
                dump.getOrDefault("mmio", List.of()),
                dump.getOrDefault("pci.known", List.of()));
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END_SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        for (Path left : List.of(socket(folder), control(folder), folder)) {
            try {
                Files.deleteIfExists(left);
            } catch (IOException _) {
                return; // a file in the folder for temporary files stays behind
            }
        }
    }

    private static Process launch(Path folder) throws IOException {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED"));
        String boot = System.getProperty("upcall.boot.jars", "");
        if (!boot.isEmpty()) {
            words.add("-Xbootclasspath/a:" + boot);
        }
        String cache = System.getProperty("upcall.aot.cache", "");
        if (Files.exists(Path.of(cache))) {
            words.add("-XX:AOTCache=" + cache);
        }
        words.add("-Xlog:disable");
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN));
        words.addAll(List.of(
                "--listen",
                "hvsock://" + socket(folder),
                "--control",
                control(folder).toString()));
        words.addAll(List.of("--kernel", KERNEL, "--possible-cpus", "4"));
        return new ProcessBuilder(words).redirectErrorStream(true).start();
    }

    /// The first line says that it listens; anything else is why it does not.
    private void awaitReady() throws IOException {
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        String first = lines.readLine();
        if (first == null || !first.startsWith(READY)) {
            throw new IOException(first == null ? "it ended at once" : first);
        }
    }

    private Map<String, List<String>> ask(String command) throws Failure {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(control(folder)))) {
            ByteBuffer line = ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.US_ASCII));
            while (line.hasRemaining()) {
                channel.write(line);
            }
            try (BoundedLines lines = new BoundedLines(
                    new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8)), LINE_CHARACTERS_MAX)) {
                String answer = lines.next().orElse("");
                if (!answer.startsWith(DONE)) {
                    throw new IOException("it answers \"" + answer + "\"");
                }
                return lists(answer);
            }
        } catch (IOException e) {
            throw new Failure(
                    ExitCode.BUG, "DEMO", "the guest stub does not do \"" + command + "\": " + e.getMessage());
        }
    }

    /// All values of an object by their names, `outer.inner`; with Jackson's streaming part, which every command has
    /// loaded already.
    private static Map<String, List<String>> lists(String object) throws IOException {
        Map<String, List<String>> lists = new HashMap<>();
        Deque<String> names = new ArrayDeque<>();
        try (JsonParser json = JSON.createParser(object)) {
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                switch (token) {
                    case START_OBJECT, START_ARRAY -> names.addLast("");
                    case END_OBJECT, END_ARRAY -> names.removeLast();
                    case FIELD_NAME -> {
                        names.removeLast();
                        names.addLast(json.currentName());
                    }
                    default -> {
                        String name = String.join(
                                ".", names.stream().filter(n -> !n.isEmpty()).toList());
                        lists.computeIfAbsent(name, _ -> new ArrayList<>()).add(json.getText());
                    }
                }
            }
        }
        return lists;
    }

    private static Path socket(Path folder) {
        return folder.resolve("vm.sock");
    }

    private static Path control(Path folder) {
        return folder.resolve("control.sock");
    }
}
