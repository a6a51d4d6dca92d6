package dev.upcall.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.client.metrics.MicrometerObserver;
import dev.upcall.client.transport.Target;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.liveness.BindingOrder.BindCause;
import dev.upcall.proto.extension.liveness.LossCause;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.session.extended.Extensions;
import dev.upcall.proto.session.request.Outcome;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The client and an extended guest over real UNIX sockets. §n are sections of "Extended guests".
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class ExtendedClientTest {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final MmioDevice DEVICE = MmioDevice.of(0xd000_0000L, 0x1000, 6);

    @TempDir
    private Path folder;

    private Path socket() {
        return folder.resolve("vm.sock");
    }

    private UpcallClient connected(UpcallObserver... observers) throws Exception {
        UpcallClient client = UpcallClient.open(
                Target.parse("hvsock://" + socket()),
                UpcallOptions.DEFAULT,
                ClientRuntime.shared(),
                List.of(observers));
        client.awaitConnected(SOON);
        return client;
    }

    @Test
    void a_request_is_carried_out_and_the_status_says_by_whom_1_5() throws Exception {
        try (var _ = ExtendedGuest.behindHybrid(socket());
                var client = connected()) {
            assertThat(client.addMmio(DEVICE)).isEqualTo(Outcome.Done.PLAIN);

            assertThat(client.status().extension()).hasValueSatisfying(guest -> {
                assertThat(guest.guestEpoch()).isEqualTo(new Epoch(0x6001));
                assertThat(guest.features()).isEqualTo(Features.ALL);
                assertThat(guest.bound()).isTrue();
                assertThat(guest.devices()).hasSize(1);
                assertThat(guest.sinceProofOfLife()).isLessThan(SOON);
            });
        }
    }

    @Test
    void two_clients_of_one_process_have_epochs_of_their_own_and_keep_them_over_reconnects_1() throws Exception {
        try (var guest = ExtendedGuest.behindHybrid(socket());
                var one = connected();
                var two = connected()) {
            var before = one.awaitInventory().connections();
            assertThat(before).hasSize(2).allMatch(c -> c.client().isPresent() && c.count() == 1);
            guest.cut();
            two.awaitInventory();
            assertThat(one.awaitInventory().connections())
                    .extracting(c -> c.client().orElseThrow())
                    .containsExactlyInAnyOrderElementsOf(
                            before.stream().map(c -> c.client().orElseThrow()).toList());
        }
    }

    @Test
    void a_stock_guest_stays_fully_usable_and_has_no_inventory_1() throws Exception {
        try (var _ = ScriptedGuest.behindHybrid(socket(), ScriptedGuest.always(0));
                var client = connected()) {
            assertThat(client.addMmio(DEVICE)).isEqualTo(Outcome.Done.PLAIN);
            assertThat(client.status().extension()).isEmpty();
            assertThatThrownBy(client::awaitInventory).isInstanceOf(UpcallException.NotSupported.class);
        }
    }

    @Test
    void extensions_that_are_off_are_not_asked_for_1() throws Exception {
        UpcallOptions off = UpcallOptions.DEFAULT.withExtensions(Extensions.OFF);
        try (var guest = ScriptedGuest.extendedBehindHybrid(socket(), ScriptedGuest.always(0));
                var client = UpcallClient.open(Target.parse("hvsock://" + socket()), off)) {
            client.awaitConnected(SOON);
            client.addMmio(DEVICE);
            assertThat(guest.requests()).hasSize(1);
        }
    }

    @Test
    void events_come_once_and_in_order_also_over_a_reconnect_3() throws Exception {
        try (var guest = ExtendedGuest.behindHybrid(socket());
                var client = connected()) {
            Reader reader = new Reader(Long.MAX_VALUE);
            client.events().subscribe(reader);
            reader.subscribed();
            guest.raise(EventKind.CPU_ONLINE);
            assertThat(reader.next().first()).isEqualTo(1);
            guest.cut();
            guest.raise(EventKind.CPU_OFFLINE);
            guest.raise(EventKind.CONFIG_CHANGED);

            assertThat(reader.next().first()).isEqualTo(2);
            assertThat(reader.next().first()).isEqualTo(3);
        }
    }

    @Test
    void a_subscriber_gets_what_it_asked_for_and_the_rest_waits_3() throws Exception {
        try (var guest = ExtendedGuest.behindHybrid(socket());
                var client = connected()) {
            Reader reader = new Reader(1);
            client.events().subscribe(reader);
            reader.subscribed();
            guest.raise(EventKind.CPU_ONLINE);
            guest.raise(EventKind.CPU_OFFLINE);
            assertThat(reader.next().first()).isEqualTo(1);
            client.awaitInventory(); // a round trip: the second event has come by now
            assertThat(reader.items).isEmpty();

            reader.request(1);

            assertThat(reader.next().first()).isEqualTo(2);
        }
    }

    @Test
    void a_user_event_ends_when_the_guest_has_acknowledged_it_3() throws Exception {
        try (var guest = ExtendedGuest.behindHybrid(socket());
                var client = connected()) {
            client.sendUserEvent("hello".getBytes(StandardCharsets.UTF_8))
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);

            assertThat(guest.heard).extracting(e -> e.detail().toUtf8()).containsExactly("hello");
        }
    }

    @Test
    void a_loss_and_a_return_are_told_in_turn_and_counted_2() throws Exception {
        BlockingQueue<String> story = new LinkedBlockingQueue<>();
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        try (var guest = ExtendedGuest.behindHybrid(socket());
                var client = connected(new MicrometerObserver(meters))) {
            client.addLivenessListener(new LivenessListener() {
                @Override
                public void bound(Epoch epoch, BindCause cause) {
                    story.add("BIND " + cause);
                }

                @Override
                public void unbound(Epoch epoch, LossCause cause) {
                    story.add("UNBIND " + cause);
                }
            });
            guest.cut();

            assertThat(story.poll(10, TimeUnit.SECONDS)).isEqualTo("UNBIND CONNECTION");
            assertThat(story.poll(10, TimeUnit.SECONDS)).isEqualTo("BIND RESUMED");
            assertThat(meters.get("upcall.bindings")
                            .tag("change", "unbind")
                            .counter()
                            .count())
                    .isEqualTo(1);
        }
    }

    @Test
    void after_a_terminal_event_requests_fail_as_peer_leaving_3() throws Exception {
        try (var guest = ExtendedGuest.behindHybrid(socket());
                var client = connected()) {
            Reader reader = new Reader(0); // takes nothing, so nothing is acknowledged and the guest stays for 500 ms
            client.events().subscribe(reader);
            reader.subscribed();
            CompletableFuture<LossCause> unbound = new CompletableFuture<>();
            client.addLivenessListener(new LivenessListener() {
                @Override
                public void unbound(Epoch epoch, LossCause cause) {
                    unbound.complete(cause);
                }
            });
            guest.raise(EventKind.VM_SHUTDOWN);
            assertThat(unbound.get(10, TimeUnit.SECONDS)).isEqualTo(LossCause.ORDERLY_EXIT);

            assertThatThrownBy(() -> client.addMmio(DEVICE)).isInstanceOf(UpcallException.PeerLeaving.class);
        }
    }

    /// A subscriber that keeps what it gets.
    private static final class Reader implements Flow.Subscriber<GuestEvent> {
        private final BlockingQueue<GuestEvent> items = new LinkedBlockingQueue<>();
        private final BlockingQueue<Flow.Subscription> subscription = new LinkedBlockingQueue<>();
        private final long first;
        private Flow.Subscription own = new Flow.Subscription() {
            @Override
            public void request(long n) {}

            @Override
            public void cancel() {}
        };

        Reader(long first) {
            this.first = first;
        }

        void subscribed() throws InterruptedException {
            own = subscription.take();
        }

        GuestEvent next() throws InterruptedException {
            return items.take();
        }

        void request(long n) {
            own.request(n);
        }

        @Override
        public void onSubscribe(Flow.Subscription s) {
            if (first > 0) {
                s.request(first);
            }
            subscription.add(s);
        }

        @Override
        public void onNext(GuestEvent item) {
            items.add(item);
        }

        @Override
        public void onError(Throwable error) {
            throw new AssertionError(error);
        }

        @Override
        public void onComplete() {}
    }
}
