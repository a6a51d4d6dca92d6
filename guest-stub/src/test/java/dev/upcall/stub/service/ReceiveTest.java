package dev.upcall.stub.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.stub.machine.MachineConfig;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The service byte, and the request buffer that is neither cleared nor filled up (`upcall-wire` §1, §2).
class ReceiveTest {
    private static final byte[] MMIO = RequestBytes.addMmio(0xd0000000L, 0x1000, 6);

    private final VirtualGuest guest = new VirtualGuest(MachineConfig.of(GuestProfile.KATA_6_12, 4));

    @Test
    void a_request_in_two_halves_is_answered_twice() {
        VirtualGuest.Peer peer = guest.connect();
        assertThat(peer.ask(Arrays.copyOf(MMIO, 512))).isEqualTo(ReplyText.of(5, 0, 0, 0));
        // 512 zero bytes over the start of the buffer: a wrong magic
        assertThat(peer.ask(Arrays.copyOfRange(MMIO, 512, 1024))).isEqualTo(ReplyText.of(0, 0, 0, 0));
    }

    @Test
    void a_header_alone_runs_with_the_load_of_before() {
        VirtualGuest.Peer peer = guest.connect();
        peer.ask(RequestBytes.addCpu(2));
        assertThat(peer.ask(Arrays.copyOf(RequestBytes.delCpu(3), 16))).isEqualTo(ReplyText.of(2, 0, 1, 4));
        assertThat(guest.machine().onlineCpus().cardinality()).isEqualTo(1);
    }

    @Test
    void one_zero_byte_runs_the_previous_request_again() {
        VirtualGuest.Peer peer = guest.connect();
        peer.ask(RequestBytes.addCpu(2));
        assertThat(peer.ask(new byte[] {0})).isEqualTo(ReplyText.of(1, -22, 1, 0));
    }

    @Test
    void one_ff_byte_makes_it_a_wrong_magic() {
        VirtualGuest.Peer peer = guest.connect();
        peer.ask(RequestBytes.addCpu(2));
        assertThat(peer.ask(new byte[] {(byte) 0xff})).isEqualTo(ReplyText.of(1, 0, 1, 0));
    }

    @Test
    void a_zero_byte_on_a_fresh_connection_is_a_wrong_magic_of_type_0() {
        assertThat(guest.connect().ask(new byte[] {0})).isEqualTo(ReplyText.of(0, 0, 0, 0));
    }

    @Test
    void the_service_byte_is_read_alone_and_what_follows_is_the_first_request() {
        VirtualGuest.Peer peer = guest.dial();
        byte[] both = new byte[1025];
        both[0] = 'd';
        System.arraycopy(MMIO, 0, both, 1, MMIO.length);
        peer.write(both);
        assertThat(peer.takeReply()).isEqualTo(ReplyText.of(0, 0, 0, 0));
        assertThat(peer.takeReply()).isEqualTo(ReplyText.of(5, 0, 0, 0));
    }

    @Test
    void three_frames_in_one_write_are_answered_one_after_the_other() {
        VirtualGuest.Peer peer = guest.connect();
        byte[] three = new byte[3 * 1024];
        System.arraycopy(MMIO, 0, three, 0, 1024);
        System.arraycopy(RequestBytes.addCpu(1), 0, three, 1024, 1024);
        System.arraycopy(RequestBytes.ofType(3), 0, three, 2048, 1024);
        peer.write(three);
        assertThat(peer.takeReply()).isEqualTo(ReplyText.of(5, 0, 0, 0));
        assertThat(peer.takeReply()).isEqualTo(ReplyText.of(1, 0, 1, 4));
        assertThat(peer.takeReply()).isEqualTo(ReplyText.of(3, -1, 1, 0));
    }

    @Test
    void an_unknown_service_byte_closes_without_an_answer() {
        VirtualGuest.Peer peer = guest.dial();
        peer.write(new byte[] {'e'});
        assertThat(peer.takeAll()).isEmpty();
        assertThat(peer.ended).isEqualTo("closed: unknown service byte 0x65");
    }

    @Test
    void ten_seconds_without_a_service_byte_close() {
        VirtualGuest.Peer peer = guest.dial();
        guest.pass(Duration.ofMillis(9_999));
        assertThat(peer.ended).isEmpty();
        guest.pass(Duration.ofMillis(1));
        assertThat(peer.ended).startsWith("closed: no service byte");
    }

    @Test
    void an_idle_connection_stays_open() {
        VirtualGuest.Peer peer = guest.connect();
        guest.pass(Duration.ofDays(1));
        assertThat(peer.ended).isEmpty();
        assertThat(guest.server().wakeAt()).isEmpty();
    }

    @Test
    void a_peer_that_sends_far_ahead_is_cut_off() {
        VirtualGuest.Peer peer = guest.connect();
        guest.server().machine().vmm().removeVcpus(List.of(1));
        peer.write(RequestBytes.addCpu(1));
        peer.write(new byte[Connection.UNREAD_BYTES_MAX]);
        assertThat(peer.ended).isEmpty();
        peer.write(new byte[1]);
        assertThat(peer.ended).startsWith("reset: more than 65536 bytes");
    }

    @Test
    void more_connections_than_a_multiplexer_carries_are_closed() {
        for (int i = 0; i < UpcallServer.CONNECTIONS_MAX; i++) {
            assertThat(guest.dial().ended).isEmpty();
        }
        assertThat(guest.dial().ended).isEqualTo("closed: more than 1023 connections");
    }

    @Test
    void the_driver_is_told_to_read_only_what_the_guest_asks_for() {
        VirtualGuest.Peer peer = guest.dial();
        assertThat(peer.mayWrite).isEqualTo(1);
        peer.write(new byte[] {'d'});
        assertThat(peer.mayWrite).isEqualTo(1024);
        peer.mayWrite = 0;
        peer.write(RequestBytes.ofType(3));
        assertThat(peer.mayWrite).isEqualTo(1024);
        guest.server().machine().vmm().removeVcpus(List.of(1));
        peer.mayWrite = 0;
        peer.write(RequestBytes.addCpu(1));
        assertThat(peer.mayWrite).isZero();
    }
}
