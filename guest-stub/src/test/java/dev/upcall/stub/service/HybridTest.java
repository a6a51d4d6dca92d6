package dev.upcall.stub.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.stub.machine.MachineConfig;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// The VMM's side of the hybrid handshake (`hybrid-vsock.md`).
class HybridTest {
    private final VirtualGuest guest = new VirtualGuest(MachineConfig.of(GuestProfile.KATA_6_12, 4));
    private final VirtualGuest.Peer peer = guest.dialHybrid(219);

    @Test
    void the_line_may_come_in_any_pieces_and_either_case() {
        for (byte b : ascii("connect 219\n")) {
            assertThat(peer.takeAll()).isEmpty();
            peer.write(new byte[] {b});
        }
        assertThat(peer.takeAll()).asString().matches("OK [0-9]+\n");
    }

    @Test
    void what_follows_the_line_belongs_to_the_stream() {
        byte[] line = ascii("CONNECT 219\nd");
        byte[] all = new byte[line.length + 1024];
        System.arraycopy(line, 0, all, 0, line.length);
        System.arraycopy(RequestBytes.addCpu(1), 0, all, line.length, 1024);
        peer.write(all);
        byte[] answer = peer.takeAll();
        assertThat(answer).hasSize("OK 1025\n".length() + 2048);
        assertThat(guest.machine().onlineCpus().cardinality()).isEqualTo(2);
    }

    @Test
    void each_connection_gets_a_number_of_its_own() {
        peer.write(ascii("CONNECT 219\n"));
        VirtualGuest.Peer next = guest.dialHybrid(219);
        next.write(ascii("CONNECT 219\n"));
        assertThat(peer.takeAll()).asString().isEqualTo("OK 1025\n");
        assertThat(next.takeAll()).asString().isEqualTo("OK 1026\n");
    }

    @Test
    void a_port_nobody_listens_on_is_closed_without_a_word() {
        peer.write(ascii("CONNECT 1024\n"));
        assertThat(peer.takeAll()).isEmpty();
        assertThat(peer.ended).isEqualTo("closed: nobody listens on port 1024");
    }

    @Test
    void anything_else_is_closed_without_a_word() {
        peer.write(ascii("GET / HTTP/1.1\r\n"));
        assertThat(peer.takeAll()).isEmpty();
        assertThat(peer.ended).startsWith("closed: malformed");
    }

    @Test
    void a_line_longer_than_32_bytes_is_closed_before_it_ends() {
        peer.write(ascii("CONNECT 000000000000000000000000"));
        assertThat(peer.ended).startsWith("closed: malformed");
    }

    @Test
    void a_line_that_does_not_come_is_not_waited_for_for_ever() {
        guest.pass(Duration.ofSeconds(10));
        assertThat(peer.ended).startsWith("closed: no CONNECT line");
    }

    @Test
    void the_service_byte_has_its_ten_seconds_from_the_ok_on() {
        guest.pass(Duration.ofSeconds(9));
        peer.write(ascii("CONNECT 219\n"));
        guest.pass(Duration.ofMillis(9_999));
        assertThat(peer.ended).isEmpty();
        guest.pass(Duration.ofMillis(1));
        assertThat(peer.ended).startsWith("closed: no service byte");
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
