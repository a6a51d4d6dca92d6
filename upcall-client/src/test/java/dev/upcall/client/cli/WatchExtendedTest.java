package dev.upcall.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.client.ClientRuntime;
import dev.upcall.client.ExtendedGuest;
import dev.upcall.client.UpcallClient;
import dev.upcall.client.UpcallException;
import dev.upcall.client.UpcallObserver;
import dev.upcall.client.UpcallOptions;
import dev.upcall.client.transport.Target;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.liveness.BindingOrder;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.session.extended.News;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `watch` beside an extended guest, and the lines it takes on its standard input.
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class WatchExtendedTest {
    private static final MmioDevice DEVICE = MmioDevice.of(0xd000_0000L, 0x1000, 6);

    @TempDir
    private Path folder;

    private final Shell shell = new Shell();

    private Path socket() {
        return folder.resolve("vm.sock");
    }

    private void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (Thread.currentThread().isInterrupted()) { // by the time-out of this class
                throw new AssertionError("waited in vain; printed so far: " + shell.out() + shell.err());
            }
            Thread.onSpinWait();
        }
    }

    @Test
    void it_tells_the_story_of_a_guest_that_speaks_restarts_and_ends() throws Exception {
        try (var guest = ExtendedGuest.behindHybrid(socket())) {
            CompletableFuture<Shell.Ended> watching = shell.start("-t", "hvsock://" + socket(), "watch");
            until(() -> shell.out().contains("BIND(FIRST)"));
            guest.raise(EventKind.DEVICE_NEEDS_RESET);
            until(() -> shell.out().contains("event 1 DEVICE_NEEDS_RESET"));
            guest.restart();
            until(() -> shell.out().contains("BIND(RESTARTED)"));
            guest.raise(EventKind.VM_SHUTDOWN);
            until(() -> shell.out().contains("UNBIND(ORDERLY_EXIT)"));
            shell.interrupt();
            assertThat(watching.join().exit()).isZero();
        }
        assertThat(shell.out())
                .containsSubsequence(
                        "extended guest test",
                        "ALIVE epoch",
                        "BIND(FIRST)",
                        "event 1 DEVICE_NEEDS_RESET",
                        "LOST by CONNECTION",
                        "UNBIND(CONNECTION",
                        "BIND(RESTARTED)",
                        "event 1 VM_SHUTDOWN",
                        "UNBIND(ORDERLY_EXIT)");
    }

    @Test
    void as_json_every_piece_of_news_is_an_object() throws Exception {
        try (var guest = ExtendedGuest.behindHybrid(socket())) {
            CompletableFuture<Shell.Ended> watching = shell.start("-t", "hvsock://" + socket(), "--json", "watch");
            until(() -> shell.out().contains("\"news\":\"BIND\""));
            guest.raise(EventKind.CONFIG_CHANGED);
            until(() -> shell.out().contains("\"kind\":\"CONFIG_CHANGED\""));
            shell.interrupt();
            assertThat(watching.join().exit()).isZero();
        }
        assertThat(shell.out().lines())
                .allMatch(line -> line.startsWith("{") && line.endsWith("}"))
                .anyMatch(line -> line.contains("\"news\":\"extended\"") && line.contains("\"features\""))
                .anyMatch(line -> line.contains("\"news\":\"event\"") && line.contains("\"sequence\":1"));
    }

    @Test
    void lines_on_stdin_are_obeyed_or_said_to_be_none() throws Exception {
        PipedOutputStream typed = new PipedOutputStream();
        shell.reading(new PipedInputStream(typed));
        try (var _ = ExtendedGuest.behindHybrid(socket())) {
            CompletableFuture<Shell.Ended> watching =
                    shell.start("-t", "hvsock://" + socket(), "watch", "--policy", "manual");
            until(() -> shell.out().contains("BIND(FIRST)"));
            String lines = "policy auto\n\nunregister all\n  unregister cpu:2  \npolicy sometimes\nunregister disk\n"
                    + "unregister cpu:999\nunregister mmio:1\n\u001b[2J\n" + "y".repeat(100_000) + "\nfetch coffee\n";
            typed.write(lines.getBytes(StandardCharsets.UTF_8));
            typed.flush();
            until(() -> shell.err().contains("fetch coffee"));
            assertThat(shell.err().lines())
                    .satisfiesExactly(
                            line -> assertThat(line).contains("policy: expected", "found \"sometimes\""),
                            line -> assertThat(line).contains("unregister: a device is cpu:", "found \"disk\""),
                            line -> assertThat(line).contains("unregister", "found \"cpu:999\""),
                            line -> assertThat(line).contains("unregister: a device is", "found \"mmio:1\""),
                            line -> assertThat(line).contains("expected policy auto|manual", "\\x1b[2J"),
                            line -> assertThat(line)
                                    .contains("expected policy auto|manual")
                                    .hasSizeLessThan(400),
                            line -> assertThat(line).contains("found \"fetch coffee\""));
            typed.close();
            assertThat(watching.isDone())
                    .as("the end of its input is not its end")
                    .isFalse();
            shell.interrupt();
            assertThat(watching.join().exit()).isZero();
        }
    }

    @Test
    void a_policy_that_is_none_is_2() {
        Shell.Ended ended = shell.run("-t", "hvsock://" + socket(), "watch", "--policy", "later");
        assertThat(ended.exit()).isEqualTo(2);
        assertThat(ended.err()).contains("--policy", "found \"later\"");
    }

    /// `watch` itself plugs nothing, so what its lines do shows on a client that has.
    @Test
    void policy_and_unregister_decide_what_becomes_of_a_lost_device() throws Exception {
        BlockingQueue<BindingOrder> told = new LinkedBlockingQueue<>();
        UpcallObserver observer = new UpcallObserver() {
            @Override
            public void told(UpcallClient client, News news) {
                if (news instanceof News.Binding(BindingOrder order)) {
                    told.add(order);
                }
            }
        };
        StringWriter said = new StringWriter();
        try (var guest = ExtendedGuest.behindHybrid(socket());
                var client = UpcallClient.open(
                        Target.parse("hvsock://" + socket()),
                        UpcallOptions.DEFAULT,
                        ClientRuntime.shared(),
                        List.of(observer))) {
            WatchOrders orders =
                    new WatchOrders(client, new Printer(new PrintWriter(said), new PrintWriter(said), false));
            client.awaitConnected(Duration.ofSeconds(10));
            client.addMmio(DEVICE);
            assertThat(told.take()).isInstanceOf(BindingOrder.Bind.class);

            orders.obey("policy manual");
            guest.restart();
            assertThat(told.take()).isInstanceOf(BindingOrder.Unbind.class);
            client.awaitConnected(Duration.ofSeconds(10));
            Assertions.assertThatThrownBy(() -> client.delMmio(DEVICE)).isInstanceOf(UpcallException.PeerLost.class);
            assertThat(told).as("kept, and the new life not bound").isEmpty();

            orders.obey("unregister mmio:0xd0000000+0x1000");
            DeviceReference device = new DeviceReference.Mmio(DEVICE.window());
            assertThat(told.take()).isEqualTo(new BindingOrder.Removed(new Epoch(0x6001), device));

            orders.obey("unregister all");
            orders.obey("policy auto");
            guest.restart();
            assertThat(told.take()).isInstanceOf(BindingOrder.Bind.class);
            assertThat(said.toString()).isEmpty();
        }
    }
}
