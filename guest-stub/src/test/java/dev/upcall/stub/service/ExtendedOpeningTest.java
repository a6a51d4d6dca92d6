package dev.upcall.stub.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.BootId;
import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventAck;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.ExtensionWriter;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.Handshake;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.extension.InventoryRequest;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.stub.machine.MachineConfig;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// "Extended guests" §1 and §6 over bytes: who is served how, and how frames are read.
class ExtendedOpeningTest {
    private static final String ADDED = ReplyText.of(1, 0, 1, 4);

    private final VirtualGuest guest = VirtualGuest.extended(MachineConfig.of(GuestProfile.KATA_6_12, 8));
    private final Handshake.Open open = Handshake.Open.first(Features.ALL, ExtendedHost.CLIENT);

    @Test
    void s1_open_tells_epoch_boot_id_product_and_operations() {
        HandshakeReply.Open reply = ExtendedHost.connected(guest).open(Optional.empty(), 0);
        assertThat(reply.guestEpoch()).isEqualTo(new Epoch(0x102));
        assertThat(reply.bootId()).isEqualTo(new BootId(0x100, 0x101));
        assertThat(reply.product()).isEqualTo("virtual guest");
        assertThat(reply.architecture()).isEqualTo("x86_64");
        assertThat(reply.features()).isEqualTo(Features.ALL);
        assertThat(reply.operations()).hasSize(6);
    }

    @Test
    void s1_a_stock_guest_answers_minus_1_and_is_dirty() {
        VirtualGuest stock = new VirtualGuest(MachineConfig.of(GuestProfile.KATA_6_12, 8));
        assertThat(stock.connect().ask(ExtensionWriter.toBytes(open))).isEqualTo(ReplyText.of(0x100, -1, 0, 0));
    }

    @Test
    void s1_a_connection_whose_first_request_is_plain_is_a_stock_kernels_for_ever() {
        VirtualGuest.Peer peer = guest.connect();
        assertThat(peer.ask(ExtensionWriter.toBytes(InventoryRequest.FIRST))).isEqualTo(ReplyText.of(0x103, -1, 0, 0));
        assertThat(peer.ask(ExtensionWriter.toBytes(open))).isEqualTo(ReplyText.of(0x100, -71, 0, 0));
        assertThat(peer.ask(RequestBytes.addCpu(1))).isEqualTo(ADDED);
        assertThat(peer.ask(Arrays.copyOf(RequestBytes.addCpu(2), 16)))
                .as("the half of a request is one, with what the buffer held before")
                .isEqualTo(ReplyText.of(1, -22, 1, 0));
    }

    @Test
    void s1_a_second_open_is_out_of_order() {
        ExtendedHost host = ExtendedHost.opened(guest);
        host.say(open);
        assertThat(host.refusal()).isEqualTo(-71);
        assertThat(host.peer.ended).isEmpty();
    }

    @Test
    void s1_after_open_frames_are_reassembled_from_any_pieces() {
        ExtendedHost host = ExtendedHost.opened(guest);
        byte[] two = new byte[2048];
        System.arraycopy(RequestBytes.addCpu(1), 0, two, 0, 1024);
        System.arraycopy(ExtensionWriter.toBytes(new Handshake.Probe(2)), 0, two, 1024, 1024);
        for (byte b : two) {
            host.peer.write(new byte[] {b});
        }
        assertThat(host.told(guest)).containsExactly("CPU_ONLINE cpu:1", ADDED, "MASK 2");
    }

    @Test
    void s1_an_opening_that_something_between_has_cut_is_waited_for() {
        ExtendedHost host = ExtendedHost.connected(guest);
        byte[] frame = ExtensionWriter.toBytes(open);
        host.peer.write(Arrays.copyOf(frame, 16));
        assertThat(host.hearAll()).isEmpty();
        assertThat(host.peer.mayWrite).isEqualTo(1008);
        host.peer.write(Arrays.copyOfRange(frame, 16, 1024));
        assertThat(host.hear()).isInstanceOf(HandshakeReply.Open.class);
    }

    @Test
    void s1_a_connection_that_ends_within_its_opening_is_forgotten() {
        VirtualGuest.Peer peer = guest.connect();
        peer.write(Arrays.copyOf(ExtensionWriter.toBytes(open), 600));
        peer.close();
        assertThat(guest.server().dump().connections()).isEmpty();
    }

    @Test
    void s1_a_guest_that_works_reads_on_and_answers_requests_in_their_order() {
        guest.machine().vmm().removeVcpus(List.of(5));
        ExtendedHost host = ExtendedHost.opened(guest);
        host.peer.write(RequestBytes.addCpu(5));
        assertThat(host.peer.mayWrite).isPositive();
        guest.server().userEvent(Bytes.utf8("meanwhile"), guest.now());
        guest.settle();
        EventNotify event = (EventNotify) host.hear();
        host.say(new EventAck(event.epoch(), event.sequence()));
        assertThat(guest.server().dump().agent().orElseThrow().acknowledged()).isEqualTo(1);
        host.say(new Handshake.Probe(2));
        assertThat(host.hearAll()).isEmpty();
        guest.pass(Duration.ofSeconds(10));
        assertThat(host.told(guest)).containsExactly(ReplyText.of(1, -5, 0, 0), "MASK 2");
    }

    @Test
    void s1_what_a_peer_sends_ahead_stays_in_its_socket_at_64_kib() {
        guest.machine().vmm().removeVcpus(List.of(5));
        ExtendedHost host = ExtendedHost.opened(guest);
        host.peer.write(RequestBytes.addCpu(5));
        for (int i = 0; i < 63; i++) {
            host.say(new Handshake.Probe(2 + i));
            assertThat(host.peer.mayWrite).isPositive();
        }
        host.peer.mayWrite = 0;
        host.say(new Handshake.Probe(65));
        assertThat(host.peer.mayWrite).isZero();
        guest.pass(Duration.ofSeconds(10));
        assertThat(host.told(guest)).hasSize(65).endsWith("MASK 65");
        assertThat(host.peer.mayWrite).isPositive();
    }

    @Test
    void s4_what_is_unread_at_the_end_of_the_stream_is_discarded() {
        guest.machine().vmm().removeVcpus(List.of(5));
        ExtendedHost host = ExtendedHost.opened(guest);
        host.peer.write(RequestBytes.addCpu(5));
        host.peer.write(RequestBytes.addCpu(1));
        host.peer.close();
        guest.pass(Duration.ofSeconds(20));
        assertThat(guest.machine().onlineCpus().cardinality()).isEqualTo(1);
    }

    @Test
    void s6_a_notification_before_the_handshake_closes_with_the_reason_counted() {
        ExtendedHost host = ExtendedHost.connected(guest);
        host.say(new EventAck(new Epoch(1), 1));
        assertThat(host.peer.ended).startsWith("closed: ");
        assertThat(guest.server().dump().agent().orElseThrow().closed().toString())
                .isEqualTo("{BEFORE_HANDSHAKE=1}");
    }

    @Test
    void s6_no_common_version_is_answered_and_then_closed() {
        ExtendedHost host = ExtendedHost.connected(guest);
        host.say(new Handshake.Open(2, 9, Features.ALL, ExtendedHost.CLIENT, Optional.empty(), 0, 0));
        assertThat(host.refusal()).isEqualTo(-93);
        assertThat(host.peer.ended).startsWith("closed: ");
    }

    @Test
    void s6_an_oversized_request_is_einval_and_the_connection_stays() {
        ExtendedHost host = ExtendedHost.opened(guest);
        byte[] frame = RequestBytes.ofType(0x103);
        frame[4] = (byte) (1009 & 0xff);
        frame[5] = (byte) (1009 >> 8);
        host.peer.write(frame);
        assertThat(host.refusal()).isEqualTo(-22);
        frame[4] = (byte) (1008 & 0xff);
        host.peer.write(frame);
        assertThat(host.refusal())
                .as("1008 zero bytes are no Protobuf message either")
                .isEqualTo(-22);
        assertThat(host.peer.ended).isEmpty();
    }

    @Test
    void s5_64_clients_at_once_and_the_65th_is_told_to_come_again() {
        for (int i = 1; i <= 64; i++) {
            ExtendedHost.opened(guest, new Epoch(i));
        }
        ExtendedHost late = new ExtendedHost(guest.connect(), new Epoch(65));
        late.say(Handshake.Open.first(Features.ALL, late.client));
        assertThat(late.refusal()).isEqualTo(-11);
        assertThat(late.peer.ended).startsWith("closed: ");
    }
}
