package dev.upcall.client.bridge.vhost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.client.bridge.Peer;
import dev.upcall.proto.vsock.PacketHeader;
import dev.upcall.proto.vsock.PacketOp;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A process that has run out of descriptors, where others spin and hang new connects: here one waits, everybody else
/// goes on, and who waited is served when there is room again.
@Timeout(60)
class FewDescriptorsTest {
    private static final int PORT = 219;

    @TempDir
    private Path folder;

    private Process process;
    private BufferedReader says;

    @BeforeEach
    void a_bridge_with_few_descriptors_is_up() throws IOException {
        process = start("160", folder);
        says = process.inputReader(StandardCharsets.UTF_8);
        await("listening ");
    }

    @AfterEach
    void it_ends() throws IOException {
        process.outputWriter().close();
        process.onExit().join();
        says.close();
    }

    @Test
    void nobody_spins_streams_go_on_and_who_waits_is_served_later() throws IOException {
        try (FakeVm vm = FakeVm.up(folder.resolve("vhost.sock"));
                Peer before = Peer.dial(folder.resolve("vm.sock"))) {
            int port = opens(vm, before);
            order("starve");
            try (Peer waiting = Peer.dial(folder.resolve("vm.sock"))) {
                waiting.write("CONNECT 219\n");
                await("event=accept_failed");
                before.write("still here");
                assertThat(vm.hears(PacketOp.RW).srcPort()).isEqualTo(port);
                assertThat(vm.data()).asString().isEqualTo("still here");
                await("event=accept_failed");
                Duration used = cpu();
                long from = System.nanoTime();
                await("event=accept_failed");
                Duration between = Duration.ofNanos(System.nanoTime() - from);
                assertThat(between).as("a pause between two attempts").isGreaterThan(Duration.ofMillis(500));
                assertThat(cpu().minus(used)).as("of the pause").isLessThan(between.dividedBy(2));

                order("feed");
                PacketHeader request = vm.hears(PacketOp.REQUEST);
                vm.says(PacketOp.RESPONSE, PORT, request.srcPort(), 0);
                waiting.readOk();
            }
        }
    }

    @Test
    void a_bridge_that_could_not_hold_its_streams_does_not_start() throws IOException {
        Process tooFew = start("70", folder.resolve("other"));
        String said = new String(tooFew.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(tooFew.onExit().join().exitValue()).isNotZero();
        assertThat(said).contains("expected room for 72 descriptors, found a limit of 70: raise it (ulimit -n)");
    }

    private static Process start(String descriptors, Path folder) throws IOException {
        return new ProcessBuilder(List.of(
                        "bash",
                        "-c",
                        "ulimit -n " + descriptors + " && exec \"$@\"",
                        "bash",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StarvedBridge.class.getName(),
                        folder.resolve("vhost.sock").toString(),
                        folder.resolve("vm.sock").toString()))
                .redirectErrorStream(true)
                .start();
    }

    /// CONNECT, REQUEST, RESPONSE, OK.
    private static int opens(FakeVm vm, Peer host) throws IOException {
        host.write("CONNECT " + PORT + "\n");
        int port = vm.hears(PacketOp.REQUEST).srcPort();
        vm.says(PacketOp.RESPONSE, PORT, port, 0);
        host.readOk();
        return port;
    }

    private void order(String word) throws IOException {
        process.outputWriter().write(word + "\n");
        process.outputWriter().flush();
        await("done " + word);
    }

    private void await(String part) throws IOException {
        for (String line = says.readLine(); line != null; line = says.readLine()) {
            if (line.contains(part)) {
                return;
            }
        }
        throw new AssertionError("the bridge's process ended before it said \"" + part + "\"");
    }

    private Duration cpu() {
        return process.info().totalCpuDuration().orElseThrow();
    }
}
