package dev.upcall.client.bridge.vhost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.client.bridge.Peer;
import dev.upcall.client.transport.Await;
import dev.upcall.proto.vsock.PacketHeader;
import dev.upcall.proto.vsock.PacketOp;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Much of it, both ways at once; and a side that does not read stops the other by credit.
@Timeout(120)
class BulkTest {
    private static final int TOTAL = Integer.getInteger("upcall.test.bulk.mib", 8) << 20;
    private static final int PORT = 219;

    @TempDir
    private Path folder;

    private Bridged bridged;
    private FakeVm vm;
    private Peer host;
    private int port;

    @BeforeEach
    void a_stream_is_open() throws IOException {
        bridged = new Bridged(folder);
        vm = bridged.vm();
        host = bridged.dial();
        port = bridged.opens(vm, host, PORT);
    }

    @AfterEach
    void everything_is_closed() throws IOException {
        bridged.close();
    }

    @Test
    void an_echoing_guest_returns_every_byte() throws IOException {
        FutureTask<Long> sent = new FutureTask<>(this::writeAll);
        FutureTask<Long> received = new FutureTask<>(this::readAll);
        Thread.ofPlatform().daemon().start(sent);
        Thread.ofPlatform().daemon().start(received);
        ArrayDeque<byte[]> waiting = new ArrayDeque<>();
        int echoed = 0;
        while (echoed < TOTAL) {
            PacketHeader heard = vm.hears();
            int credit = heard.bufAlloc() + heard.fwdCnt();
            if (heard.op() == PacketOp.RW.code()) {
                waiting.add(vm.data());
            }
            vm.offers();
            while (!waiting.isEmpty() && waiting.peek().length <= credit - echoed) {
                echoed += waiting.peek().length;
                vm.saysData(PORT, port, waiting.remove());
                vm.awaitSent();
            }
        }
        assertThat(Await.result(received)).isEqualTo(Await.result(sent));
        assertThat(bridged.bridge.counters().of(DeviceCounters.Kind.BYTES_FROM_GUEST))
                .isEqualTo(TOTAL);
    }

    @Test
    void a_guest_that_does_not_read_stops_the_hosts_writer() throws IOException {
        host.channel.configureBlocking(false);
        int idle = 0;
        while (idle < 100) {
            idle = host.channel.write(ByteBuffer.allocate(8192)) > 0 ? 0 : idle + 1;
            assertThat(bridged.bridge.streams()).isOne(); // a turn of the device
        }
        assertThat(bridged.bridge.counters().of(DeviceCounters.Kind.BYTES_TO_GUEST))
                .as("what the guest has said it can hold")
                .isLessThanOrEqualTo(262_144);
        bridged.dial().write("CONNECT 7\n");
        PacketHeader heard = vm.hears();
        while (heard.op() != PacketOp.REQUEST.code()) {
            vm.forwarded = 0; // taken by the driver, but no program reads it
            vm.offers();
            heard = vm.hears();
        }
        assertThat(heard.dstPort()).as("other streams go on").isEqualTo(7);
    }

    @Test
    void a_host_that_does_not_read_is_held_for_with_64_kib_and_no_more() throws IOException {
        int credit = 65_536;
        int sent = 0;
        int forwarded = 0;
        // Until the device has taken as much as the kernel's socket and its own buffer hold.
        while (true) {
            int room = credit - (sent - forwarded);
            if (room > 0) {
                int count = Math.min(room, 16_384);
                vm.saysData(PORT, port, new byte[count]);
                sent += count;
            }
            vm.says(PacketOp.CREDIT_REQUEST, PORT, port, 0);
            PacketHeader update = vm.hears(PacketOp.CREDIT_UPDATE);
            vm.offers();
            forwarded = update.fwdCnt();
            assertThat(sent).as("taken though nobody reads").isLessThan(16 << 20);
            if (sent - forwarded == credit) {
                break;
            }
        }
        assertThat(update()).isEqualTo(forwarded);
        assertThat(host.read(sent)).hasSize(sent);
        assertThat(bridged.bridge.streams()).isOne();
    }

    private int update() throws IOException {
        vm.says(PacketOp.CREDIT_REQUEST, PORT, port, 0);
        return vm.hears(PacketOp.CREDIT_UPDATE).fwdCnt();
    }

    private long writeAll() {
        CRC32 sum = new CRC32();
        Random random = new Random(4);
        byte[] piece = new byte[30_000];
        try {
            for (int at = 0; at < TOTAL; ) {
                random.nextBytes(piece);
                int count = Math.min(piece.length, TOTAL - at);
                ByteBuffer bytes = ByteBuffer.wrap(piece, 0, count);
                while (bytes.hasRemaining()) {
                    host.channel.write(bytes);
                }
                sum.update(piece, 0, count);
                at += count;
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return sum.getValue();
    }

    private long readAll() {
        CRC32 sum = new CRC32();
        ByteBuffer bytes = ByteBuffer.allocate(65_536);
        try {
            for (int at = 0; at < TOTAL; at += bytes.limit()) {
                bytes.clear();
                host.channel.read(bytes);
                sum.update(bytes.flip().duplicate());
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return sum.getValue();
    }
}
