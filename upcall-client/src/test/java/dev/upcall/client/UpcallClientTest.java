package dev.upcall.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.client.transport.Target;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.guest.Hazard;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.Operation;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.State;
import dev.upcall.proto.session.Trouble;
import dev.upcall.proto.session.request.Outcome;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The client over real UNIX sockets against a peer that says what the test wants.
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class UpcallClientTest {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final MmioDevice DEVICE = MmioDevice.of(0xd000_0000L, 0x1000, 6);

    @TempDir
    private Path folder;

    private Target hybrid() {
        return Target.parse("hvsock://" + folder.resolve("vm.sock"));
    }

    private Path socket() {
        return folder.resolve("vm.sock");
    }

    private UpcallClient connected(UpcallOptions options) throws Exception {
        UpcallClient client = UpcallClient.open(hybrid(), options);
        client.awaitConnected(SOON);
        return client;
    }

    @Test
    void a_cpu_is_added_and_its_count_is_returned() throws Exception {
        try (var guest = ScriptedGuest.behindHybrid(socket(), (c, h, _) -> c.reply(h.msgType(), 4, 0, 1));
                var client = connected(UpcallOptions.DEFAULT)) {
            assertThat(client.addCpu(1)).isEqualTo(new Outcome.Done(OptionalInt.of(1)));
            assertThat(client.status().picture().present()).contains(new ApicId(1));
            assertThat(guest.requests()).hasSize(1);
        }
    }

    @Test
    void a_refusal_is_an_answer_and_not_an_exception() throws Exception {
        try (var _ = ScriptedGuest.behindHybrid(socket(), ScriptedGuest.always(-17));
                var client = connected(UpcallOptions.DEFAULT)) {
            assertThat(client.addMmio(DEVICE)).isEqualTo(new Outcome.Refused(-17));
        }
    }

    @Test
    void a_plain_unix_target_needs_no_connect_line() throws Exception {
        try (var _ = ScriptedGuest.plain(socket(), ScriptedGuest.always(0));
                var client = UpcallClient.open("unix://" + socket())) {
            assertThat(client.addMmio(DEVICE)).isEqualTo(Outcome.Done.PLAIN);
        }
    }

    @Test
    void a_pci_request_after_a_refusal_goes_over_a_fresh_connection() throws Exception {
        try (var guest = ScriptedGuest.behindHybrid(socket(), ScriptedGuest.always(-19));
                var client = connected(UpcallOptions.DEFAULT)) {
            assertThat(client.delMmio(DEVICE)).isEqualTo(new Outcome.Refused(-19));
            guest.nowDoes(ScriptedGuest.always(0));
            assertThat(client.addPci(PciFunction.parse("00:04.0"))).isEqualTo(Outcome.Done.PLAIN);
            assertThat(guest.connections()).isEqualTo(2);
        }
    }

    @Test
    void a_removal_that_would_crash_the_guest_never_leaves() throws Exception {
        try (var guest = ScriptedGuest.behindHybrid(socket(), ScriptedGuest.always(0));
                var client = connected(UpcallOptions.DEFAULT)) {
            assertThatThrownBy(() -> client.delCpu(7))
                    .isInstanceOfSatisfying(UpcallException.UnsafeForGuest.class, e -> {
                        assertThat(e.hazard()).isEqualTo(Hazard.CRASHES_GUEST);
                        assertThat(e.mayHaveTakenEffect()).isFalse();
                    });
            assertThat(guest.requests()).isEmpty();
        }
    }

    @Test
    void an_idle_connection_that_ends_is_noticed_and_dialled_again() throws Exception {
        try (var guest = ScriptedGuest.behindHybrid(socket(), ScriptedGuest.always(0));
                var client = connected(UpcallOptions.DEFAULT)) {
            CountDownLatch lost = new CountDownLatch(1);
            CountDownLatch back = new CountDownLatch(1);
            client.addObserver(new UpcallObserver() {
                @Override
                public void stateChanged(UpcallClient c, State before, State after) {
                    if (after instanceof State.Reconnecting s && s.trouble().kind() == Trouble.Kind.LOST) {
                        lost.countDown();
                    }
                    if (after instanceof State.Connected) {
                        back.countDown();
                    }
                }
            });
            guest.cut();
            assertThat(lost.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(back.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(client.status().picture().stale()).isTrue();
        }
    }

    @Test
    void a_client_that_starts_first_connects_when_the_socket_appears() throws Exception {
        try (var client = UpcallClient.open(hybrid(), UpcallOptions.DEFAULT)) {
            assertThatThrownBy(() -> client.awaitConnected(Duration.ofMillis(100)))
                    .isInstanceOf(UpcallException.NotConnected.class)
                    .hasMessageContaining("socket file does not exist");
            try (var _ = ScriptedGuest.behindHybrid(socket(), ScriptedGuest.always(0))) {
                client.awaitConnected(SOON);
                assertThat(client.status().connected()).isTrue();
            }
        }
    }

    @Test
    void a_passed_deadline_is_an_unknown_outcome_and_the_late_reply_is_the_truth() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        try (var _ = ScriptedGuest.behindHybrid(socket(), (c, h, _) -> {
                    release.await();
                    c.reply(h.msgType(), 4, 0, 1);
                });
                var client = connected(UpcallOptions.DEFAULT)) {
            Call call = client.submit(
                    new Request.AddCpu(new ApicId(1)), RequestOptions.DEFAULT.withReplyTimeout(Duration.ofMillis(50)));
            CompletableFuture<Outcome> truth = new CompletableFuture<>();
            assertThatThrownBy(call::await).isInstanceOfSatisfying(UpcallException.OutcomeUnknown.class, e -> {
                assertThat(e.mayHaveTakenEffect()).isTrue();
                e.lateOutcome().thenAccept(truth::complete);
            });
            assertThat(client.status().state()).isInstanceOf(State.Overdue.class);
            release.countDown();
            assertThat(truth.get(10, TimeUnit.SECONDS)).isEqualTo(new Outcome.Done(OptionalInt.of(1)));
            assertThat(client.status().picture().present()).contains(new ApicId(1));
        }
    }

    @Test
    void a_connection_lost_while_a_cpu_request_is_out_is_never_a_success() throws Exception {
        try (var guest = ScriptedGuest.behindHybrid(socket(), (c, _, _) -> c.close());
                var client = connected(UpcallOptions.DEFAULT)) {
            assertThatThrownBy(() -> client.addCpu(1))
                    .isInstanceOfSatisfying(
                            UpcallException.OutcomeUnknown.class,
                            e -> assertThat(e.reason()).isEqualTo(Outcome.UnknownCause.CONNECTION_LOST));
            assertThat(guest.requests()).hasSize(1);
        }
    }

    @Test
    void a_lost_pci_request_is_repeated_at_once_and_its_second_answer_counts() throws Exception {
        AtomicInteger seen = new AtomicInteger();
        try (var _ = ScriptedGuest.behindHybrid(socket(), (c, h, _) -> {
                    if (seen.incrementAndGet() == 1) {
                        c.close();
                    } else {
                        c.reply(h.msgType(), 0, -19, 0);
                    }
                });
                var client = connected(UpcallOptions.DEFAULT)) {
            assertThat(client.delPci(PciFunction.parse("00:04.0"))).isEqualTo(new Outcome.Absent());
        }
    }

    @Test
    void closing_while_busy_ends_every_request_with_its_truth() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        try (var _ = ScriptedGuest.behindHybrid(socket(), (_, _, _) -> {
            asked.countDown();
            never.await();
        })) {
            UpcallClient client = connected(UpcallOptions.DEFAULT);
            Call out = client.submit(new Request.AddMmio(DEVICE));
            Call waiting = client.submit(new Request.DelMmio(DEVICE));
            asked.await();
            client.close();
            assertThat(out.awaitOutcome()).isInstanceOf(Outcome.Unknown.class);
            assertThat(waiting.awaitOutcome())
                    .isInstanceOfSatisfying(
                            Outcome.NotSent.class, o -> assertThat(o.cause()).isEqualTo(Outcome.NotSentCause.CLOSED));
            never.countDown();
            assertThatThrownBy(() -> client.addMmio(DEVICE)).isInstanceOf(UpcallException.NotSent.class);
        }
    }

    @Test
    void requests_are_answered_in_the_order_of_submission_and_never_two_at_once() throws Exception {
        try (var guest = ScriptedGuest.behindHybrid(socket(), ScriptedGuest.always(0));
                var client = connected(UpcallOptions.DEFAULT)) {
            Call first = client.submit(new Request.AddMmio(DEVICE));
            Call second = client.submit(new Request.DelMmio(DEVICE));
            Call third = client.submit(new Request.AddPci(PciFunction.parse("00:04.0")));
            third.await();
            assertThat(first).isDone();
            assertThat(second).isDone();
            assertThat(guest.requests())
                    .extracting(h -> Operation.ofMsgType(h.msgType()).orElseThrow())
                    .containsExactly(Operation.ADD_MMIO, Operation.DEL_MMIO, Operation.ADD_PCI);
        }
    }

    @Test
    void a_queued_request_can_be_withdrawn() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        try (var guest = ScriptedGuest.behindHybrid(socket(), (c, h, _) -> {
                    asked.countDown();
                    release.await();
                    c.reply(h.msgType(), 0, 0, 0);
                });
                var client = connected(UpcallOptions.DEFAULT)) {
            Call out = client.submit(new Request.AddMmio(DEVICE));
            Call queued = client.submit(new Request.DelMmio(DEVICE));
            asked.await();
            queued.withdraw();
            assertThat(queued.awaitOutcome())
                    .isInstanceOfSatisfying(
                            Outcome.NotSent.class,
                            o -> assertThat(o.cause()).isEqualTo(Outcome.NotSentCause.CANCELLED));
            release.countDown();
            assertThat(out.await()).isEqualTo(Outcome.Done.PLAIN);
            assertThat(guest.requests()).hasSize(1);
        }
    }

    @Test
    void a_full_queue_refuses_and_a_busy_guest_can_be_refused() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        try (var _ = ScriptedGuest.behindHybrid(socket(), (c, h, _) -> {
                    asked.countDown();
                    release.await();
                    c.reply(h.msgType(), 0, 0, 0);
                });
                var client = connected(UpcallOptions.DEFAULT.withQueueMax(1))) {
            Call out = client.submit(new Request.AddMmio(DEVICE));
            asked.await();
            Call busy = client.submit(new Request.DelMmio(DEVICE), RequestOptions.DEFAULT.withFailIfBusy(true));
            Call queued = client.submit(new Request.DelMmio(DEVICE));
            Call full = client.submit(new Request.AddMmio(DEVICE));
            assertThat(causeOf(busy)).isEqualTo(Outcome.NotSentCause.BUSY);
            assertThat(causeOf(full)).isEqualTo(Outcome.NotSentCause.QUEUE_FULL);
            release.countDown();
            assertThat(out.await().done()).isTrue();
            assertThat(queued.await().done()).isTrue();
        }
    }

    @Test
    void a_guest_that_answers_another_request_has_broken_the_protocol() throws Exception {
        try (var _ = ScriptedGuest.behindHybrid(socket(), (c, _, _) -> c.reply(8, 0, 0, 0));
                var client = connected(UpcallOptions.DEFAULT)) {
            assertThatThrownBy(() -> client.addMmio(DEVICE))
                    .isInstanceOf(UpcallException.PeerMisbehaved.class)
                    .hasMessageContaining("msg_type 8, expected 5");
        }
    }

    @Test
    void an_observer_that_throws_disturbs_nobody() throws Exception {
        UpcallObserver broken = new UpcallObserver() {
            @Override
            public void stateChanged(UpcallClient client, State before, State after) {
                throw new IllegalStateException("observer broken on purpose");
            }
        };
        try (var _ = ScriptedGuest.behindHybrid(socket(), ScriptedGuest.always(0));
                var client =
                        UpcallClient.open(hybrid(), UpcallOptions.DEFAULT, ClientRuntime.shared(), List.of(broken))) {
            assertThat(client.addMmio(DEVICE).done()).isTrue();
        }
    }

    @Test
    void a_blocking_call_on_the_event_loop_is_refused_instead_of_hanging() throws Exception {
        CountDownLatch attached = new CountDownLatch(1);
        try (var _ = ScriptedGuest.behindHybrid(socket(), (c, h, _) -> {
                    attached.await();
                    c.reply(h.msgType(), 0, 0, 0);
                });
                var client = connected(UpcallOptions.DEFAULT)) {
            CompletableFuture<Throwable> thrown = client.submit(new Request.AddMmio(DEVICE))
                    .thenApply(_ -> {
                        try {
                            client.delMmio(DEVICE);
                            return new AssertionError("it returned");
                        } catch (Exception e) {
                            return (Throwable) e;
                        }
                    })
                    .toCompletableFuture();
            attached.countDown();
            assertThat(thrown.get(10, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void arm64_guests_are_asked_by_count() throws Exception {
        UpcallOptions arm = UpcallOptions.DEFAULT
                .withProfile(GuestProfile.KATA_ARM64)
                .withPicture(UpcallOptions.DEFAULT.picture().withPossible(4));
        try (var _ = ScriptedGuest.behindHybrid(socket(), (c, h, _) -> c.reply(h.msgType(), 4, 0, 2));
                var client = connected(arm)) {
            assertThat(client.execute(new Request.AddCpuCount(1))).isEqualTo(new Outcome.Done(OptionalInt.of(2)));
            assertThatThrownBy(() -> client.execute(new Request.AddCpuCount(3)))
                    .isInstanceOf(UpcallException.UnsafeForGuest.class);
        }
    }

    private static Outcome.NotSentCause causeOf(Call call) throws Exception {
        return ((Outcome.NotSent) call.awaitOutcome()).cause();
    }

    @Test
    void who_waits_in_vain_is_told_the_last_trouble_although_the_guest_is_being_dialled_again() throws Exception {
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket()));
            try (var client = UpcallClient.open(hybrid(), UpcallOptions.DEFAULT)) {
                server.accept().close();
                SocketChannel second = server.accept(); // and says nothing
                assertThatThrownBy(() -> client.awaitConnected(Duration.ofMillis(50)))
                        .isInstanceOf(UpcallException.NotConnected.class)
                        .hasMessageContaining("closed the connection before OK");
                assertThat(client.status().state()).isInstanceOf(State.WaitingServer.class);
                second.close();
            }
        }
    }
}
