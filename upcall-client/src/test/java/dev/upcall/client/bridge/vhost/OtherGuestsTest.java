package dev.upcall.client.bridge.vhost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.client.bridge.Peer;
import dev.upcall.client.posix.PosixException;
import dev.upcall.proto.virtqueue.driver.GuestDriver;
import dev.upcall.proto.virtqueue.driver.GuestRam;
import dev.upcall.proto.vsock.PacketOp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Two guests in one process, one of them hostile: the other one notices nothing, and the reason is told.
@Timeout(60)
class OtherGuestsTest {
    private static final int PORT = 219;

    @TempDir
    private Path folder;

    private Bridged evil;
    private Bridged good;
    private FakeVm evilVm;
    private FakeVm goodVm;
    private Peer host;
    private int port;

    @BeforeEach
    void two_guests_are_up() throws IOException {
        evil = new Bridged(Files.createDirectory(folder.resolve("e")));
        good = new Bridged(Files.createDirectory(folder.resolve("g")));
        evilVm = evil.vm();
        goodVm = good.vm();
        host = good.dial();
        port = good.opens(goodVm, host, PORT);
    }

    @AfterEach
    void the_other_guest_has_noticed_nothing() throws IOException {
        try {
            for (int i = 0; i < 50; i++) {
                host.write("%04d".formatted(i));
                assertThat(goodVm.hears(PacketOp.RW).srcPort()).isEqualTo(port);
                goodVm.saysData(PORT, port, goodVm.data());
                goodVm.awaitSent();
                assertThat(host.read(4)).isEqualTo("%04d".formatted(i));
                goodVm.offers();
            }
            assertThat(good.broken).isEmpty();
            assertThat(good.gone).isEmpty();
        } finally {
            evil.close();
            good.close();
        }
    }

    @Test
    void a_loop_of_descriptors() throws Exception {
        GuestDriver ring = evilVm.guest.fromGuest();
        ring.poke(0, GuestRam.BASE, 44, 1, 1);
        ring.poke(1, GuestRam.BASE, 44, 1, 0);
        announce(ring, 0);
        assertThat(evil.broken.take()).startsWith("ring 1: ");
    }

    @Test
    void an_address_outside_of_memory() throws Exception {
        GuestDriver ring = evilVm.guest.fromGuest();
        ring.poke(0, 0x7fff_ffff_0000L, 44, 0, 0);
        announce(ring, 0);
        assertThat(evil.broken.take()).contains("0x7fffffff0000");
    }

    @Test
    void a_length_of_four_gigabytes() throws Exception {
        GuestDriver ring = evilVm.guest.fromGuest();
        ring.poke(0, GuestRam.BASE, 0xffff_ffff, 0, 0);
        announce(ring, 0);
        assertThat(evil.broken.take()).startsWith("ring 1: ");
    }

    @Test
    void a_descriptor_of_the_wrong_direction() throws Exception {
        GuestDriver ring = evilVm.guest.fromGuest();
        ring.poke(0, GuestRam.BASE, 44, 2, 0);
        announce(ring, 0);
        assertThat(evil.broken.take()).startsWith("ring 1: ");
    }

    @Test
    void an_index_that_jumps() throws Exception {
        GuestDriver ring = evilVm.guest.fromGuest();
        ring.announce(40_000);
        evilVm.kick(1);
        assertThat(evil.broken.take()).startsWith("ring 1: ");
    }

    @Test
    void a_flood_of_requests_that_nobody_answers() throws Exception {
        int idle = 0;
        for (int sent = 0; sent < 5_000 && idle < 100; ) {
            if (evilVm.guest.canSend()) {
                evilVm.says(PacketOp.REQUEST, 10_000 + sent++, 52, 0);
                idle = 0;
            } else {
                idle++; // it takes no answers, so it may send no more questions
                assertThat(evil.bridge.streams()).isLessThanOrEqualTo(1023);
            }
        }
        assertThat(evil.bridge.streams()).isLessThanOrEqualTo(1023);
    }

    @Test
    void it_kicks_without_end_and_says_nothing() throws PosixException {
        for (int i = 0; i < 20_000; i++) {
            evilVm.kick(i & 1);
        }
        assertThat(evil.bridge.streams()).isZero();
    }

    private void announce(GuestDriver ring, int head) throws PosixException {
        ring.pokeEntry(0, head);
        ring.announce(1);
        evilVm.kick(1);
    }
}
