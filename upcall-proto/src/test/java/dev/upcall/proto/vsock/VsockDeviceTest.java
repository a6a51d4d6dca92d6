package dev.upcall.proto.vsock;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.upcall.proto.virtqueue.driver.GuestDriver;
import dev.upcall.proto.vsock.driver.GuestVsock;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class VsockDeviceTest {

    private static final int PORT = 1000;

    @Test
    void the_header_is_44_bytes_at_the_places_virtio_says() {
        PacketHeader header = new PacketHeader()
                .from(0x0102030405060708L, 0x11121314)
                .to(0x2122232425262728L, 0x31323334)
                .says(0x5152, 0x6162, 0x71727374, 0x41424344)
                .credits(0x01828384, 0x11929394);

        assertThat(header.array())
                .isEqualTo(HexFormat.of()
                        .parseHex("0807060504030201" + "2827262524232221" + "14131211" + "34333231" + "44434241"
                                + "5251" + "6261" + "74737271" + "84838201" + "94939211"));
        assertThat(PacketHeader.BYTES).isEqualTo(44);
    }

    @Test
    void what_a_guest_sends_comes_back_byte_by_byte() {
        Pair pair = Pair.up().fill(1024);
        pair.opens(PORT);

        pair.says(PacketOp.RW.code(), PORT, 0, 1024, 1024);
        pair.work();

        pair.gets(PacketOp.RW);
        assertThat(pair.guest.received().toString()).startsWith("RW 2:52 → 3:1000 len=1024");
        assertThat(pair.guest.received().fwdCnt()).isEqualTo(1024);
        assertThat(pair.guest.receivedBytes()).isEqualTo(44 + 1024);
        assertThat(pair.data()).isEqualTo(pair.filled(0, 1024));
    }

    @Test
    void more_than_a_buffer_takes_is_split_and_shown_in_one_batch() {
        Pair pair = Pair.up().fill(10_000);
        pair.opens(PORT);
        int shown = pair.guest.toGuest().usedIndex();
        pair.says(PacketOp.RW.code(), PORT, 0, 10_000, 10_000);
        pair.device.work(0);
        pair.host.report(pair.device.streams());
        assertThat(pair.guest.toGuest().usedIndex()).isEqualTo(shown);

        assertThat(pair.device.work(0) & VsockDevice.INTERRUPT_TO_GUEST).isNotZero();

        assertThat(pair.guest.toGuest().usedIndex()).isEqualTo(shown + 3);
        int at = 0;
        for (int part : new int[] {3732, 3732, 2536}) {
            pair.gets(PacketOp.RW);
            assertThat(pair.data()).isEqualTo(pair.filled(at, part));
            at += part;
        }
    }

    @Test
    void a_frame_goes_into_one_packet_wherever_the_borders_of_the_buffer_fall() {
        for (int border = 1; border < 1068; border += 97) {
            Pair pair = new Pair(new GuestVsock(16, 2048)).fill(1024);
            pair.opens(PORT);
            pair.device.stop(0);
            // A ring of one chain with two buffers, the header itself may be cut.
            GuestDriver driver = new GuestDriver(pair.guest.ram(), 16);
            long buffer = pair.guest.ram().allocate(2048, 16);
            driver.add(buffer, border, true)
                    .add(buffer + border, 1068 - border, true)
                    .offer();
            pair.device.start(0, pair.guest.memory(), driver.place(), 0);
            pair.says(PacketOp.RW.code(), PORT, 0, 1024, 1024);

            pair.work();

            assertThat(driver.takeUsed()).isNotNegative();
            assertThat(driver.usedLength()).isEqualTo(1068);
            assertThat(pair.guest
                            .ram()
                            .bytes()
                            .asSlice(buffer - 0x100000 + 44, 1024)
                            .mismatch(pair.guest.data().asSlice(0, 1024)))
                    .isEqualTo(-1);
        }
    }

    @Test
    void a_stopped_guest_goes_on_where_it_was_and_loses_nothing() {
        Pair pair = Pair.up().fill(1024);
        pair.opens(PORT);
        int base0 = pair.device.stop(0);
        int base1 = pair.device.stop(1);
        pair.says(PacketOp.RW.code(), PORT, 0, 1024, 1024);
        assertThat(pair.work()).isZero();
        assertThat(new int[] {base0, base1}).containsExactly(1, 1);

        pair.start(base0, base1);
        // Nobody kicks for what was offered before.
        pair.work();

        pair.gets(PacketOp.RW);
    }

    @Test
    void packets_wait_for_buffers_and_the_guest_is_asked_to_kick_when_it_has_some() {
        Pair pair = new Pair(new GuestVsock(4, 2048));
        for (int i = 0; i < 6; i++) {
            pair.says(PacketOp.REQUEST, i, 0);
            pair.work();
            assertThat(pair.guest.toGuest().wantsKick()).isEqualTo(i >= 4);
        }
        assertThat(pair.guest.toGuest().wantsKick()).isTrue();
        for (int i = 0; i < 4; i++) {
            pair.gets(PacketOp.RESPONSE);
        }
        pair.getsNothing();

        pair.guest.offerBuffers();
        pair.work();

        pair.gets(PacketOp.RESPONSE);
        pair.gets(PacketOp.RESPONSE);
    }

    @Test
    void one_guest_does_not_keep_the_thread_for_itself() {
        Pair pair = new Pair(new GuestVsock(1024, 2048));
        for (int i = 0; i < 300; i++) {
            pair.says(PacketOp.CREDIT_UPDATE, i, 0);
        }
        assertThat(pair.device.work(0) & VsockDevice.MORE).isNotZero();
        assertThat(pair.guest.fromGuest().usedIndex()).isEqualTo(256);
        assertThat(pair.guest.toGuest().usedIndex())
                .as("answers do not wait for the end of it")
                .isEqualTo(256);
        assertThat(pair.device.work(0) & VsockDevice.MORE).isZero();
        assertThat(pair.guest.toGuest().usedIndex()).isEqualTo(300);
        assertThat(pair.host.refused()).isEqualTo(300);
    }

    @Test
    void a_packet_costs_no_allocation() {
        Pair pair = Pair.up().fill(1024);
        pair.opens(PORT);
        pair.guest.offerBuffers();
        for (int i = 0; i < 20_000; i++) {
            echo(pair);
        }
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 10_000; i++) {
            echo(pair);
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        // The measuring itself and a late recompilation may cost something, once; a packet must not.
        assertThat(allocated).as("bytes for 10,000 echoes").isLessThan(10_000);
    }

    /// 1024 bytes to the host and back, credit included.
    private static void echo(Pair pair) {
        pair.says(5, PORT, 0, 1024, 1024);
        pair.work();
        while (pair.guest.receive()) {
            pair.forwarded += pair.guest.received().len();
        }
        pair.guest.offerBuffers();
    }

    @Test
    void megabytes_come_back_in_order_under_credit() {
        Pair pair = Pair.up().fill(64 * 1024);
        pair.opens(PORT);
        int chunk = 20_000;
        long sent = 0;
        long received = 0;
        int told = 0;
        while (received < 400L * chunk) {
            if (65_536 - (sent - told) >= chunk) {
                pair.says(5, PORT, 0, chunk, chunk);
                sent += chunk;
            }
            pair.work();
            while (pair.guest.receive()) {
                byte[] data = pair.data();
                told = pair.guest.received().fwdCnt();
                int at = (int) (received % chunk);
                int head = Math.min(data.length, chunk - at);
                assertThat(Arrays.copyOf(data, head)).isEqualTo(pair.filled(at, head));
                received += data.length;
                pair.forwarded += data.length;
            }
            pair.guest.offerBuffers();
        }
        assertThat(sent).isEqualTo(received);
    }
}
