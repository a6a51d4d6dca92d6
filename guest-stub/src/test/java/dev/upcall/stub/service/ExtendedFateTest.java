package dev.upcall.stub.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.upcall.proto.extension.BootId;
import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.Handshake;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.extension.OnceReply;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.Request;
import dev.upcall.stub.machine.MachineConfig;
import dev.upcall.stub.mood.Ending;
import dev.upcall.stub.mood.MoodSyntax;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What becomes of an extended guest: paused, swallowed, crashed, restarted, shut down in order
/// ("Extended guests" §1–§3).
class ExtendedFateTest {
    private static final Request ADD_3 = new Request.AddCpu(List.of(new ApicId(3)));
    private static final Epoch FIRST = new Epoch(0x102);
    private static final BootId BOOT = new BootId(0x100, 0x101);

    private final VirtualGuest guest = VirtualGuest.extended(MachineConfig.of(GuestProfile.KATA_6_12, 8));
    private final ExtendedHost host = ExtendedHost.opened(guest);

    @Test
    void s2_a_paused_guest_reads_and_writes_nothing_and_is_the_same_when_it_goes_on() {
        guest.server().pause(guest.now());
        host.say(new Handshake.Probe(2));
        guest.server().userEvent(Bytes.utf8("later"), guest.now());
        guest.pass(Duration.ofSeconds(6));
        assertThat(host.hearAll()).isEmpty();
        assertThat(host.peer.ended).isEmpty();
        guest.server().resume(guest.now());
        guest.settle();
        assertThat(host.told(guest)).containsExactly("USER none", "MASK 2");
        assertThat(reopened().guestEpoch()).isEqualTo(FIRST);
    }

    @Test
    void s3_what_a_paused_guest_has_to_say_leaves_before_what_comes_of_going_on() {
        ExtendedHost other = ExtendedHost.opened(guest, new Epoch(0xC2));
        guest.server().pause(guest.now());
        guest.server().userEvent(Bytes.utf8("first"), guest.now());
        host.once(1, ADD_3); // read when the first connection goes on: its event is for both
        guest.server().resume(guest.now());
        guest.settle();
        assertThat(other.told(guest)).containsExactly("USER none", "CPU_ONLINE cpu:3");
    }

    @Test
    void s2_what_leaves_in_pieces_stops_while_the_guest_is_paused() {
        become("split 512 1s");
        host.say(new Handshake.Probe(2));
        guest.server().pause(guest.now());
        guest.pass(Duration.ofSeconds(10));
        assertThat(host.peer.takeAll()).hasSize(512);
        guest.server().resume(guest.now());
        guest.settle();
        assertThat(host.peer.takeAll()).hasSize(512);
    }

    @Test
    void s6_a_close_comes_behind_the_answer_that_was_on_its_way() {
        become("split 512 1s");
        ExtendedHost late = new ExtendedHost(guest.dial(), host.client);
        late.peer.write(new byte[] {'d'});
        guest.pass(Duration.ofSeconds(1));
        assertThat(late.peer.takeFrame()).hasSize(1024);
        late.say(new Handshake.Open(2, 9, Features.ALL, host.client, Optional.empty(), 0, 0));
        assertThat(late.peer.ended).isEmpty();
        guest.pass(Duration.ofSeconds(1));
        assertThat(late.refusal()).isEqualTo(-93);
        assertThat(late.peer.ended).startsWith("closed: ");
    }

    @Test
    void s4_a_client_that_left_while_the_guest_was_paused_has_nothing_done() {
        guest.server().pause(guest.now());
        host.once(1, ADD_3);
        host.peer.close();
        guest.server().resume(guest.now());
        guest.settle();
        assertThat(guest.server().dump().executions()).isEmpty();
        assertThat(guest.server().dump().connections()).isEmpty();
    }

    @Test
    void s2_a_black_hole_swallows_and_keeps_its_connections_open_for_ever() {
        become("black-hole");
        host.once(1, ADD_3);
        VirtualGuest.Peer late = guest.dial();
        late.write(new byte[] {'d'});
        VirtualGuest.Peer hybrid = guest.dialHybrid(219);
        guest.pass(Duration.ofSeconds(60));
        guest.server().clearMoods(guest.now());
        host.once(1, ADD_3);
        guest.pass(Duration.ofSeconds(60));
        for (VirtualGuest.Peer peer : List.of(host.peer, late, hybrid)) {
            assertThat(peer.takeAll()).isEmpty();
            assertThat(peer.ended).isEmpty();
        }
        assertThat(guest.server().dump().executions()).isEmpty();
        assertThat(guest.server().dump().connections())
                .extracting(c -> c.stage())
                .containsOnly("BLACK_HOLE");
        host.peer.close();
        assertThat(reopened().guestEpoch()).isEqualTo(FIRST);
        assertThat(guest.server().dump().connections()).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource({"lose, ''", "cut 0, closed: mood cut", "reset, reset: mood reset"})
    void s5_moods_wait_for_an_operation_and_probes_do_not_use_them_up(String mood, String ended) {
        become(mood);
        host.say(new Handshake.Probe(2));
        assertThat(host.told(guest)).containsExactly("MASK 2");
        host.once(1, ADD_3);
        assertThat(host.hearAll()).noneMatch(OnceReply.class::isInstance);
        assertThat(host.peer.ended).isEqualTo(ended);
    }

    @Test
    void s5_a_connection_cut_between_execution_and_reply_executes_once() {
        become("cut 0");
        host.once(1, ADD_3);
        ExtendedHost again = ExtendedHost.opened(guest);
        again.once(1, ADD_3);
        assertThat(again.reply().replayed()).isTrue();
        assertThat(guest.server().dump().executions().getFirst().once()).isEqualTo(1);
    }

    @Test
    void s5_a_guest_that_crashes_between_execution_and_reply_says_nothing_and_lets_nobody_in() {
        become("crash");
        host.once(1, ADD_3);
        assertThat(host.hearAll()).noneMatch(OnceReply.class::isInstance);
        assertThat(host.peer.ended).isEqualTo("reset: guest crashed");
        assertThat(guest.machine().onlineCpus().cardinality()).isEqualTo(2);
        assertThat(guest.dial().ended).isEqualTo("closed: nobody is there");
        assertThat(guest.server().crashed()).isTrue();
    }

    @Test
    void s1_an_agent_that_crashes_has_another_epoch_in_the_same_boot() {
        become("crash restart");
        host.once(1, ADD_3);
        assertThat(host.peer.ended).isEqualTo("reset: agent restarted");
        HandshakeReply.Open reply = reopened();
        assertThat(reply.guestEpoch()).isNotEqualTo(FIRST);
        assertThat(reply.bootId()).isEqualTo(BOOT);
        assertThat(guest.machine().onlineCpus().cardinality()).as("CPU 3 stays").isEqualTo(2);
    }

    @Test
    void s1_a_guest_that_boots_anew_has_another_epoch_and_another_boot_id() {
        become("crash reboot");
        host.once(1, ADD_3);
        HandshakeReply.Open reply = reopened();
        assertThat(reply.guestEpoch()).isNotEqualTo(FIRST);
        assertThat(reply.bootId()).isNotEqualTo(BOOT);
        assertThat(guest.machine().onlineCpus().cardinality()).isEqualTo(1);
    }

    @Test
    void s5_what_an_earlier_agent_began_is_nobodys_and_still_runs() {
        guest.machine().vmm().removeVcpus(List.of(3, 5));
        host.once(1, ADD_3);
        guest.server().restart(guest.now());
        ExtendedHost again = ExtendedHost.opened(guest);
        assertThat(again.inventory().running()).isEqualTo(1);
        again.once(1, new Request.AddCpu(List.of(new ApicId(5))));
        guest.pass(Duration.ofSeconds(10));
        assertThat(again.hearAll()).as("the old one's end is not the new one's").isEmpty();
        guest.pass(Duration.ofSeconds(10));
        assertThat(again.reply().result()).isEqualTo(-5);
        assertThat(again.inventory().running()).isZero();
    }

    @Test
    void s3_a_guest_that_leaves_says_so_and_closes_when_it_is_acknowledged() {
        VirtualGuest.Peer stock = guest.connect();
        VirtualGuest.Peer dialled = guest.dial();
        leave(EventKind.APP_EXIT, Ending.CLOSES);
        EventNotify last = host.events().getFirst();
        assertThat(last.kind()).isEqualTo(EventKind.APP_EXIT);
        assertThat(dialled.ended).isEqualTo("closed: guest leaves");
        host.once(1, ADD_3);
        stock.write(RequestBytes.addCpu(2));
        assertThat(guest.dial().ended).isEqualTo("closed: nobody is there");
        assertThat(guest.server().gone()).isFalse();
        host.acknowledge(last);
        assertThat(host.hearAll()).isEmpty();
        assertThat(host.peer.ended).startsWith("closed: ");
        assertThat(stock.takeAll()).isEmpty();
        assertThat(stock.ended).startsWith("closed: ");
        assertThat(guest.server().gone()).isTrue();
        assertThat(guest.server().crashed()).isFalse();
        assertThat(guest.server().dump().executions()).isEmpty();
    }

    @Test
    void s3_a_guest_that_leaves_waits_500_ms_for_the_acknowledgement() {
        leave(EventKind.VM_SHUTDOWN, Ending.CLOSES);
        guest.pass(Duration.ofMillis(499));
        assertThat(host.peer.ended).isEmpty();
        guest.pass(Duration.ofMillis(1));
        assertThat(host.peer.ended).startsWith("closed: ");
        assertThat(guest.server().gone()).isTrue();
    }

    @Test
    void s3_a_paused_guest_that_is_told_to_leave_leaves_within_500_ms_all_the_same() {
        guest.server().pause(guest.now());
        leave(EventKind.APP_EXIT, Ending.CLOSES);
        guest.pass(Duration.ofMillis(500));
        assertThat(host.peer.takeAll()).isEmpty();
        assertThat(guest.server().gone()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"RESTARTS, true", "REBOOTS, false"})
    void s3_an_orderly_restart_is_announced_and_then_happens(Ending then, boolean sameBoot) {
        leave(EventKind.RESTARTING, then);
        EventNotify last = host.events().getFirst();
        assertThat(last.kind()).isEqualTo(EventKind.RESTARTING);
        host.acknowledge(last);
        guest.settle();
        HandshakeReply.Open reply = reopened();
        assertThat(reply.guestEpoch()).isNotEqualTo(FIRST);
        assertThat(reply.bootId().equals(BOOT)).isEqualTo(sameBoot);
    }

    @Test
    void s3_a_guest_without_clients_leaves_at_once() {
        host.peer.close();
        leave(EventKind.APP_EXIT, Ending.CLOSES);
        assertThat(guest.server().gone()).isTrue();
    }

    @Test
    void a_stock_guest_closes_when_it_is_told_to_leave_and_has_no_agent_to_restart() {
        VirtualGuest stock = new VirtualGuest(MachineConfig.of(GuestProfile.KATA_6_12, 8));
        VirtualGuest.Peer peer = stock.connect();
        assertThatIllegalStateException().isThrownBy(() -> stock.server().restart(stock.now()));
        stock.server().leave(EventKind.APP_EXIT, Ending.CLOSES, stock.now());
        stock.settle();
        assertThat(peer.takeAll()).isEmpty();
        assertThat(peer.ended).isEqualTo("closed: guest leaves");
        assertThat(stock.server().gone()).isTrue();
    }

    private void leave(EventKind kind, Ending then) {
        guest.server().leave(kind, then, guest.now());
        guest.settle();
    }

    private void become(String mood) {
        guest.server().become(MoodSyntax.parse(List.of(mood.split(" "))), guest.now());
        guest.settle();
    }

    private HandshakeReply.Open reopened() {
        return ExtendedHost.connected(guest).open(Optional.empty(), 0);
    }
}
