package dev.upcall.client.bridge.vhost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.client.bridge.Peer;
import dev.upcall.proto.vsock.PacketHeader;
import dev.upcall.proto.vsock.PacketOp;
import dev.upcall.proto.vsock.VsockRules;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// As many streams as a guest may have, on one device.
@Timeout(120)
class ManyStreamsTest {
    private static final int PORT = 219;

    @TempDir
    private Path folder;

    private Bridged bridged;
    private FakeVm vm;

    @BeforeEach
    void a_guest_is_up() throws IOException {
        bridged = new Bridged(folder);
        vm = bridged.vm();
    }

    @AfterEach
    void everything_is_closed() throws IOException {
        bridged.close();
    }

    @Test
    void a_thousand_and_twenty_three_streams_all_work_and_one_more_is_turned_away() throws IOException {
        int most = VsockRules.of(FakeVm.CID).streamsMax();
        assertThat(most).isEqualTo(1023);
        Map<Integer, Peer> hosts = new HashMap<>();
        for (int i = 0; i < most; i++) {
            Peer host = bridged.dial();
            hosts.put(bridged.opens(vm, host, PORT), host);
            vm.offers();
        }
        assertThat(bridged.bridge.streams()).isEqualTo(most);

        assertThat(bridged.dial().readToEnd()).as("hung up on without a word").isEmpty();

        for (Map.Entry<Integer, Peer> stream : hosts.entrySet()) {
            stream.getValue().write("%08x".formatted(stream.getKey()));
            assertThat(vm.hears(PacketOp.RW).srcPort()).isEqualTo(stream.getKey());
            assertThat(vm.data()).asString().isEqualTo("%08x".formatted(stream.getKey()));
            vm.offers();
        }
        for (Peer host : hosts.values()) {
            host.close();
            PacketHeader end = vm.hears(PacketOp.SHUTDOWN);
            vm.says(PacketOp.RST, PORT, end.srcPort(), 0);
            vm.awaitSent();
            vm.offers();
        }
        for (int i = 0; i < most; i++) {
            bridged.ends.next();
        }
        assertThat(bridged.bridge.streams()).isZero();
        bridged.opens(vm, bridged.dial(), PORT);
    }

    @Test
    void a_hundred_that_come_at_once_are_all_served() throws IOException {
        List<Peer> hosts = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Peer host = bridged.dial();
            host.write("CONNECT " + (1000 + i) + "\n");
            hosts.add(host);
        }
        for (int i = 0; i < 100; i++) {
            PacketHeader request = vm.hears(PacketOp.REQUEST);
            int guestPort = request.dstPort();
            vm.says(PacketOp.RESPONSE, guestPort, request.srcPort(), 0);
            hosts.get(guestPort - 1000).readOk();
            vm.offers();
        }
        assertThat(bridged.bridge.streams()).isEqualTo(100);
    }

    @Test
    void ten_programs_that_do_not_read_keep_nobody_else_waiting() throws IOException {
        for (int i = 0; i < 10; i++) {
            stall(bridged.opens(vm, bridged.dial(), PORT));
        }
        Peer reading = bridged.dial();
        int port = bridged.opens(vm, reading, PORT);
        for (int i = 0; i < 100; i++) {
            reading.write("%04d".formatted(i));
            assertThat(vm.hears(PacketOp.RW).srcPort()).isEqualTo(port);
            vm.saysData(PORT, port, vm.data());
            vm.awaitSent();
            assertThat(reading.read(4)).isEqualTo("%04d".formatted(i));
            vm.offers();
        }
    }

    /// Sends until the device takes no more for this stream.
    private void stall(int port) throws IOException {
        int sent = 0;
        while (true) {
            vm.says(PacketOp.CREDIT_REQUEST, PORT, port, 0);
            PacketHeader update = vm.hears(PacketOp.CREDIT_UPDATE);
            while (update.dstPort() != PORT || update.srcPort() != port) {
                update = vm.hears(PacketOp.CREDIT_UPDATE);
            }
            vm.offers();
            int room = update.bufAlloc() - (sent - update.fwdCnt());
            if (room == 0) {
                return;
            }
            int count = Math.min(room, 16_384);
            vm.saysData(PORT, port, new byte[count]);
            vm.awaitSent();
            sent += count;
            assertThat(sent).as("taken though nobody reads").isLessThan(16 << 20);
        }
    }

    @Test
    void a_program_that_writes_without_end_to_a_guest_that_does_not_read_keeps_nobody_else_waiting()
            throws IOException {
        Peer flooding = bridged.dial();
        bridged.opens(vm, flooding, PORT);
        flooding.channel.configureBlocking(false);
        int idle = 0;
        while (idle < 100) {
            idle = flooding.channel.write(ByteBuffer.allocate(65_536)) > 0 ? 0 : idle + 1;
            assertThat(bridged.bridge.streams()).isOne(); // a turn of the device
        }
        Peer other = bridged.dial();
        other.write("CONNECT 7\n");
        PacketHeader heard = vm.hears();
        while (heard.op() != PacketOp.REQUEST.code()) {
            vm.forwarded = 0; // taken by the driver, but no program reads it
            vm.offers();
            heard = vm.hears();
        }
        vm.says(PacketOp.RESPONSE, 7, heard.srcPort(), 0);
        other.readOk();
    }
}
