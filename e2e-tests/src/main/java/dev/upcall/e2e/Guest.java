package dev.upcall.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upcall.client.transport.HybridTarget;
import dev.upcall.client.transport.Target;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/// The guest stub as a story sees it: a machine behind a socket that can be started, killed, paused and told to
/// behave badly. What a guest knows is gone when it is killed, as in a machine that loses power.
public final class Guest implements AutoCloseable {
    /// A JVM and a socket: half a second on an idle machine.
    private static final Duration START_MAX = Duration.ofSeconds(20);

    /// Said by the stub once its socket can be connected to.
    private static final String READY = "listening on ";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Program program;
    private final Target listensAt;
    private final Path control;
    private int starts;

    private Guest(Program program, Target listensAt, Path control) {
        this.program = program;
        this.listensAt = listensAt;
        this.control = control;
    }

    /// A guest behind the hybrid socket of its VMM.
    ///
    /// @param flags of `upcall guest-stub`
    public static Guest behindHybrid(Lodging lodging, SocketFolder folder, String... flags) {
        return at(new HybridTarget(folder.file("vm.sock"), Target.DEFAULT_PORT), lodging, folder, flags);
    }

    /// A guest that listens wherever it is told to.
    public static Guest at(Target listensAt, Lodging lodging, SocketFolder folder, String... flags) {
        Path control = folder.file("control.sock");
        List<String> arguments =
                new ArrayList<>(List.of("--listen", listensAt.toString(), "--control", control.toString(), "-v"));
        arguments.addAll(List.of(flags));
        return new Guest(lodging.program(Image.GUEST_STUB, folder, arguments), listensAt, control);
    }

    /// Boots the guest and waits until it can be dialled.
    public Guest start() {
        begin();
        program.console().await("the guest to listen", starts, line -> line.startsWith(READY), START_MAX);
        return this;
    }

    /// Boots the guest without waiting for it.
    public Guest begin() {
        starts++;
        program.start();
        return this;
    }

    public void kill() {
        program.kill();
    }

    public void pause() {
        program.pause();
    }

    public void unpause() {
        program.unpause();
    }

    /// Loses power and boots again: only the boot CPU and the devices of its command line are left.
    public void restart() {
        kill();
        start();
    }

    public Target target() {
        return listensAt;
    }

    /// The socket file that a host dials.
    public Path socket() {
        return listensAt.socketFile().orElseThrow();
    }

    public ConsoleLog console() {
        return program.console();
    }

    /// One command over the stub's control socket, such as `mood delay 5s` or `dump`; returns what it answered.
    public JsonNode control(String command) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(control));
            channel.write(ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.UTF_8)));
            BufferedReader answer = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
            JsonNode said = JSON.readTree(String.valueOf(answer.readLine()));
            if (!said.path("ok").asBoolean()) {
                throw new IllegalStateException("the guest could not do `" + command + "`: " + said);
            }
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The numbers of the CPUs that are online, as the guest itself sees it.
    public List<Integer> onlineCpus() {
        return numbers(control("dump").path("cpus").path("online"));
    }

    private static List<Integer> numbers(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asInt)
                .toList();
    }

    @Override
    public void close() {
        program.close();
    }
}
