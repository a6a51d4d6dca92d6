package dev.upcall.stub.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.stub.machine.MachineConfig;
import dev.upcall.stub.mood.MoodSyntax;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What each mood does to requests, frames and connections.
class MoodsTest {
    private static final byte[] CONNECT_LINE = "CONNECT 219\n".getBytes(StandardCharsets.US_ASCII);
    private static final String ADDED = ReplyText.of(1, 0, 1, 4);

    private final VirtualGuest guest = new VirtualGuest(MachineConfig.of(GuestProfile.KATA_6_12, 8));

    @Test
    void delay_does_the_work_at_once_and_answers_late() {
        VirtualGuest.Peer peer = guest.connect();
        become("delay 250ms");
        assertThat(peer.ask(RequestBytes.addCpu(1))).isEmpty();
        assertThat(guest.machine().onlineCpus().cardinality()).isEqualTo(2);
        guest.pass(Duration.ofMillis(249));
        assertThat(peer.takeReply()).isEmpty();
        guest.pass(Duration.ofMillis(1));
        assertThat(peer.takeReply()).isEqualTo(ADDED);
    }

    @Test
    void a_delay_may_be_for_one_operation_and_for_the_greeting() {
        become("delay 1s add-cpu");
        become("delay 2s connect");
        VirtualGuest.Peer peer = guest.dial();
        peer.write(new byte[] {'d'});
        assertThat(peer.takeAll()).isEmpty();
        guest.pass(Duration.ofSeconds(2));
        assertThat(peer.takeFrame()).hasSize(1024);
        assertThat(peer.ask(RequestBytes.ofType(3))).isNotEmpty();
        assertThat(peer.ask(RequestBytes.addCpu(1))).isEmpty();
        guest.pass(Duration.ofSeconds(1));
        assertThat(peer.takeReply()).isEqualTo(ADDED);
    }

    @Test
    void the_next_request_is_not_read_before_a_delayed_reply_has_left() {
        VirtualGuest.Peer peer = guest.connect();
        become("delay 1s");
        peer.write(RequestBytes.addCpu(1));
        peer.write(RequestBytes.addCpu(2));
        assertThat(guest.machine().onlineCpus().cardinality()).isEqualTo(2);
        guest.pass(Duration.ofSeconds(1));
        assertThat(guest.machine().onlineCpus().cardinality()).isEqualTo(3);
        guest.pass(Duration.ofSeconds(1));
        assertThat(peer.takeReply()).isEqualTo(ADDED);
        assertThat(peer.takeReply()).isEqualTo(ADDED);
    }

    @Test
    void silent_reads_and_sends_nothing_and_goes_on_when_it_is_over() {
        VirtualGuest.Peer busy = guest.connect();
        VirtualGuest.Peer idle = guest.connect();
        guest.machine().vmm().removeVcpus(List.of(2));
        busy.write(RequestBytes.addCpu(2));
        become("silent");
        VirtualGuest.Peer late = guest.dial();
        late.write(new byte[] {'d'});
        idle.write(RequestBytes.addCpu(1));
        guest.pass(Duration.ofSeconds(60));
        assertThat(busy.takeAll()).isEmpty();
        assertThat(guest.machine().onlineCpus().cardinality()).isEqualTo(1);
        guest.server().clearMoods(guest.now());
        guest.settle();
        assertThat(busy.takeReply()).isEqualTo(ReplyText.of(1, -5, 0, 0));
        assertThat(idle.takeReply()).isEqualTo(ADDED);
        assertThat(late.takeFrame()).hasSize(1024);
    }

    @Test
    void lose_does_the_work_and_sends_nothing_once() {
        VirtualGuest.Peer peer = guest.connect();
        become("lose");
        assertThat(peer.ask(RequestBytes.addCpu(1))).isEmpty();
        assertThat(guest.machine().onlineCpus().cardinality()).isEqualTo(2);
        assertThat(peer.ended).isEmpty();
        assertThat(peer.ask(RequestBytes.addCpu(2))).isEqualTo(ADDED);
    }

    @Test
    void cut_sends_so_many_bytes_and_the_end() {
        VirtualGuest.Peer peer = guest.connect();
        become("cut 17");
        peer.write(RequestBytes.addCpu(1));
        assertThat(peer.takeAll()).hasSize(17);
        assertThat(peer.ended).isEqualTo("closed: mood cut");
        guest.connect();
    }

    @Test
    void cut_at_0_cuts_the_greeting_too() {
        become("cut 0");
        VirtualGuest.Peer peer = guest.dial();
        peer.write(new byte[] {'d'});
        assertThat(peer.takeAll()).isEmpty();
        assertThat(peer.ended).isEqualTo("closed: mood cut");
    }

    @Test
    void reset_does_not_run_the_request_and_leaves_bytes_unread() {
        become("reset");
        VirtualGuest.Peer peer = guest.dial();
        peer.write(new byte[] {'d'});
        assertThat(peer.mayWrite).isEqualTo(1);
        peer.write(RequestBytes.addCpu(1));
        assertThat(peer.ended).isEqualTo("reset: mood reset");
        assertThat(guest.machine().onlineCpus().cardinality()).isEqualTo(1);
        assertThat(guest.connect().ask(RequestBytes.addCpu(1))).isEqualTo(ADDED);
    }

    @Test
    void reboot_answers_so_many_and_boots_anew_in_place_of_the_next() {
        VirtualGuest.Peer peer = guest.connect();
        VirtualGuest.Peer other = guest.connect();
        become("reboot 2");
        assertThat(peer.ask(RequestBytes.addCpu(1))).isEqualTo(ADDED);
        assertThat(other.ask(RequestBytes.addCpu(2))).isEqualTo(ADDED);
        assertThat(peer.ask(RequestBytes.addCpu(3))).isEmpty();
        assertThat(peer.ended).isEqualTo("reset: guest rebooted");
        assertThat(other.ended).isEqualTo("reset: guest rebooted");
        assertThat(guest.machine().onlineCpus().cardinality()).isEqualTo(1);
        assertThat(guest.machine().dump().boots()).isEqualTo(2);
        assertThat(guest.connect().ask(RequestBytes.addCpu(3))).isEqualTo(ADDED);
    }

    @Test
    void refuse_closes_new_connections_and_keeps_old_ones() {
        VirtualGuest.Peer old = guest.connect();
        become("refuse");
        assertThat(guest.dial().ended).isEqualTo("closed: mood refuse");
        VirtualGuest.Peer hybrid = guest.dialHybrid(219);
        hybrid.write(CONNECT_LINE);
        assertThat(hybrid.takeAll()).isEmpty();
        assertThat(hybrid.ended).isEqualTo("closed: mood refuse");
        assertThat(old.ask(RequestBytes.addCpu(1))).isEqualTo(ADDED);
    }

    @Test
    void split_sends_every_frame_in_pieces() {
        VirtualGuest.Peer peer = guest.connect();
        peer.writes = 0;
        become("split 400 10ms");
        peer.write(RequestBytes.addCpu(1));
        assertThat(peer.writes).isEqualTo(1);
        guest.pass(Duration.ofMillis(10));
        assertThat(peer.writes).isEqualTo(2);
        guest.pass(Duration.ofMillis(10));
        assertThat(peer.writes).isEqualTo(3);
        assertThat(peer.takeReply()).isEqualTo(ADDED);
        assertThat(peer.ask(RequestBytes.ofType(3))).isEmpty();
    }

    @Test
    void old_dialect_greets_with_another_type() {
        become("old-dialect");
        VirtualGuest.Peer peer = guest.dial();
        peer.write(new byte[] {'d'});
        ByteBuffer frame = ByteBuffer.wrap(peer.takeFrame()).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(frame.getInt(0)).isEqualTo(RequestBytes.MAGIC);
        assertThat(frame.getInt(8)).isEqualTo(0xdbe00000);
    }

    @Test
    void no_service_closes_after_the_service_byte() {
        become("no-service");
        VirtualGuest.Peer peer = guest.dialHybrid(219);
        peer.write(CONNECT_LINE);
        assertThat(peer.takeAll()).asString().startsWith("OK ");
        peer.write(new byte[] {'d'});
        assertThat(peer.takeAll()).isEmpty();
        assertThat(peer.ended).isEqualTo("closed: mood no-service");
    }

    @Test
    void park_gives_no_ok_and_closes_late() {
        become("park 2s");
        VirtualGuest.Peer peer = guest.dialHybrid(219);
        peer.write(CONNECT_LINE);
        peer.write(new byte[] {'d'});
        guest.pass(Duration.ofMillis(1_999));
        assertThat(peer.ended).isEmpty();
        guest.pass(Duration.ofMillis(1));
        assertThat(peer.takeAll()).isEmpty();
        assertThat(peer.ended).startsWith("closed: no OK");
    }

    @Test
    void garbage_ok_says_something_else() {
        become("garbage-ok");
        VirtualGuest.Peer peer = guest.dialHybrid(219);
        peer.write(CONNECT_LINE);
        assertThat(peer.takeAll()).asString().doesNotStartWith("OK").endsWith("\n");
    }

    @Test
    void a_peer_that_leaves_a_silent_guest_has_its_request_run_all_the_same() {
        VirtualGuest.Peer peer = guest.connect();
        become("silent");
        peer.write(RequestBytes.addCpu(1));
        peer.close();
        guest.server().clearMoods(guest.now());
        guest.settle();
        assertThat(guest.machine().onlineCpus().cardinality()).isEqualTo(2);
        assertThat(guest.server().dump().connections()).isEmpty();
    }

    private void become(String mood) {
        guest.server().become(MoodSyntax.parse(List.of(mood.split(" ", -1))), guest.now());
        guest.settle();
    }
}
