package dev.upcall.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.client.ScriptedGuest;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `watch` and `bridge` until a signal, traces, and what a terminal sees while a command waits.
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class LongRunningTest {
    @TempDir
    private Path folder;

    private final Shell shell = new Shell();

    private String target() {
        return "unix://" + folder.resolve("port.sock");
    }

    private void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (Thread.currentThread().isInterrupted()) { // by the time-out of this class
                throw new AssertionError("waited in vain; printed so far: " + shell.out());
            }
            Thread.onSpinWait();
        }
    }

    @Test
    void watch_prints_each_change_as_it_happens_and_ends_with_0_on_a_signal() throws Exception {
        CompletableFuture<Shell.Ended> watching = shell.start("-t", target(), "watch");
        until(() -> shell.out().contains("the socket file does not exist"));
        try (var guest = ScriptedGuest.plain(folder.resolve("port.sock"), ScriptedGuest.always(0))) {
            until(() -> shell.out().contains("Opening -> Connected"));
            guest.cut();
            until(() -> shell.out().contains("Connected -> Reconnecting: the connection was lost"));
        }
        assertThat(shell.interrupt().exit()).isZero();
        assertThat(watching.join().exit()).isZero();
    }

    @Test
    void watch_that_never_saw_the_guest_is_3_when_its_time_is_over() {
        Shell.Ended ended = shell.run("-t", target(), "--timeout", "1s", "watch");
        assertThat(ended.exit()).isEqualTo(3);
        assertThat(ended.err()).contains("does not exist");
    }

    @Test
    void watch_serves_metrics_where_it_is_told() throws Exception {
        CompletableFuture<Shell.Ended> watching =
                shell.start("-t", target(), "watch", "--metrics-listen", "127.0.0.1:0");
        Pattern address = Pattern.compile("metrics at (http://\\S+)");
        until(() -> address.matcher(shell.err()).find() && shell.out().contains("Reconnecting"));
        Matcher found = address.matcher(shell.err());
        assertThat(found.find()).isTrue();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest scrape =
                    HttpRequest.newBuilder(URI.create(found.group(1))).build();
            assertThat(http.send(scrape, HttpResponse.BodyHandlers.ofString()).body())
                    .contains("upcall_connections");
        }
        shell.interrupt();
        assertThat(watching.join().exit()).isZero();
    }

    @Test
    void bridge_is_a_vms_device_until_a_signal_and_takes_both_sockets_away() throws Exception {
        Path own = Files.createDirectory(folder.resolve("vm"));
        Path vhost = own.resolve("vhost.sock");
        CompletableFuture<Shell.Ended> bridging = shell.start(
                "bridge",
                "--listen",
                "hvsock://" + own.resolve("vm.sock"),
                "--vhost-user",
                vhost.toString(),
                "--cid",
                "3");
        until(() -> shell.out().contains("bridge listens"));
        try (SocketChannel bad = SocketChannel.open(UnixDomainSocketAddress.of(vhost))) {
            bad.write(ByteBuffer.allocate(12));
            until(() -> shell.err().contains("the VM was sent away: request 0: expected version 1"));
        }
        assertThat(shell.interrupt().exit()).isZero();
        assertThat(bridging.join().exit()).isZero();
        assertThat(own).isEmptyDirectory();
    }

    @Test
    void bridge_relays_until_a_signal_and_takes_its_socket_away() throws Exception {
        Path ports = Files.createDirectory(folder.resolve("ports"));
        Path socket = folder.resolve("vm.sock");
        try (var _ = ScriptedGuest.plain(ports.resolve("219"), ScriptedGuest.always(0))) {
            CompletableFuture<Shell.Ended> bridging =
                    shell.start("bridge", "--listen", "hvsock://" + socket, "--guest", "unix://" + ports);
            until(() -> shell.out().contains("bridge listens"));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-------");
            Shell.Ended asked = new Shell().run("-t", "hvsock://" + socket, "pci", "add", "00:04.0");
            assertThat(asked.out()).contains("PCI 00:04.0 added");
            assertThat(shell.interrupt().exit()).isZero();
            assertThat(bridging.join().exit()).isZero();
        }
        assertThat(socket).doesNotExist();
    }

    @Test
    void a_trace_is_private_holds_every_frame_and_is_explained_by_decode() throws Exception {
        Path trace = folder.resolve("t.log");
        try (var _ = ScriptedGuest.plain(folder.resolve("port.sock"), ScriptedGuest.always(-19))) {
            shell.run("-t", target(), "--trace", trace.toString(), "pci", "del", "00:04.0");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(trace)))
                .isEqualTo("rw-------");
        assertThat(Files.readAllLines(trace).getFirst())
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z H->G 1 64");
        Shell.Ended decoded = new Shell().run("decode", trace.toString());
        assertThat(decoded.exit()).isZero();
        assertThat(decoded.out())
                .containsSubsequence(
                        "the device-manager service is chosen",
                        "CONNECT: the guest's upcall service is ready",
                        "DEL_PCI 00:04.0",
                        "reply to DEL_PCI: ENODEV",
                        "the guest knows no such function");
    }

    @Test
    void a_long_wait_shows_one_line_on_a_terminal_and_takes_it_away() {
        StringWriter screen = new StringWriter();
        try (Progress progress = Progress.on(new PrintWriter(screen), () -> "connecting: nobody\u001b[2J there")) {
            progress.tick();
            progress.tick();
        }
        assertThat(screen.toString())
                .isEqualTo("\r\u001b[K[1 s] connecting: nobody\\x1b[2J there"
                        + "\r\u001b[K[1 s] connecting: nobody\\x1b[2J there\r\u001b[K");
    }

    @Test
    void nothing_is_shown_in_a_pipe_or_when_it_was_quick() {
        StringWriter screen = new StringWriter();
        Progress.on(new PrintWriter(screen), () -> "quick").close();
        try (Progress progress = Progress.silent()) {
            progress.tick();
        }
        assertThat(screen.toString()).isEmpty();
    }
}
