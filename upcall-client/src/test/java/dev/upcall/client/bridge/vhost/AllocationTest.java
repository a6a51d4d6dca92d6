package dev.upcall.client.bridge.vhost;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.upcall.client.bridge.Peer;
import dev.upcall.proto.vsock.PacketOp;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A packet costs no garbage, once the code is warm.
@Timeout(120)
class AllocationTest {
    private static final int PORT = 219;
    private static final int ECHOES = 5_000;
    private static final int ROUNDS_MAX = 20;

    @TempDir
    private Path folder;

    @Test
    void an_echo_of_a_frame_allocates_nothing_on_the_devices_thread() throws IOException {
        try (Bridged bridged = new Bridged(folder)) {
            FakeVm vm = bridged.vm();
            Peer host = bridged.dial();
            int port = bridged.opens(vm, host, PORT);
            long each = Long.MAX_VALUE;
            // Until the compiler has had its turn: each round is one whole try.
            for (int round = 0; round < ROUNDS_MAX && each > 0; round++) {
                long before = allocated();
                for (int i = 0; i < ECHOES; i++) {
                    echo(vm, host, port);
                }
                each = (allocated() - before) / ECHOES;
            }
            assertThat(each).as("bytes per echo").isZero();
        }
    }

    private static void echo(FakeVm vm, Peer host, int port) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(1024);
        host.channel.write(frame);
        int op;
        do {
            op = vm.hears().op();
            vm.guest.offerBuffers();
        } while (op != PacketOp.RW.code());
        vm.says(PacketOp.RW, PORT, port, 0, 1024);
        frame.clear();
        while (frame.hasRemaining()) {
            host.channel.read(frame);
        }
    }

    private static long allocated() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (long id : threads.getAllThreadIds()) {
            var info = threads.getThreadInfo(id);
            if (info != null && info.getThreadName().equals("upcall-vsock-" + FakeVm.CID)) {
                return threads.getThreadAllocatedBytes(id);
            }
        }
        throw new AssertionError("no device thread");
    }
}
