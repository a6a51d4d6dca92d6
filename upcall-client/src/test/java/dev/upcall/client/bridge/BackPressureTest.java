package dev.upcall.client.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.client.transport.Await;
import dev.upcall.client.transport.IoKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A reader that stops reading stops its writer, whatever the writer would like to send.
@Timeout(120)
class BackPressureTest {
    private static final int TOTAL = 64 * 1024 * 1024;

    /// What the kernel keeps in the two sockets between writer, bridge and reader: 208 KiB each by default, and
    /// more on a machine that was tuned.
    private static final int KERNEL_BYTES_MAX = 2 * 1024 * 1024;

    private static final int BRIDGE_BYTES_MAX = BridgeOptions.BUFFER_BYTES + 64 * 1024;

    @TempDir
    private Path folder;

    private BridgeFixture bridged;

    @BeforeEach
    void a_folder_is_prepared() throws IOException {
        bridged = new BridgeFixture(folder);
    }

    @AfterEach
    void everything_is_closed() throws IOException {
        bridged.close();
    }

    @ParameterizedTest
    @EnumSource
    void towards_a_guest_that_does_not_read(IoKind kind) throws IOException {
        ServerSocketChannel service = bridged.guestPort(219);
        Bridge bridge = bridged.start(kind);
        Peer host = bridged.closing(Peer.connect(bridged.socket, 219));
        Peer guest = bridged.closing(Peer.accept(service));
        stalls_and_then_arrives_whole(bridge, host, guest);
        assertThat(bridged.ends.next().toCallee()).isEqualTo(TOTAL);
    }

    @ParameterizedTest
    @EnumSource
    void towards_a_host_that_does_not_read(IoKind kind) throws IOException {
        ServerSocketChannel service = bridged.guestPort(219);
        Bridge bridge = bridged.start(kind);
        Peer host = bridged.closing(Peer.connect(bridged.socket, 219));
        Peer guest = bridged.closing(Peer.accept(service));
        stalls_and_then_arrives_whole(bridge, guest, host);
        assertThat(bridged.ends.next().toCaller()).isEqualTo(TOTAL);
    }

    private static void stalls_and_then_arrives_whole(Bridge bridge, Peer writer, Peer reader) throws IOException {
        int taken = writeUntilStalled(bridge, writer);
        assertThat(taken).isBetween(BridgeOptions.BUFFER_BYTES, BRIDGE_BYTES_MAX + KERNEL_BYTES_MAX);
        CompletableFuture<Void> written = CompletableFuture.runAsync(() -> writeRest(writer, taken));
        readAll(reader);
        Await.result(written);
        reader.close();
    }

    /// Stalled: a hundred turns of the bridge's loop, and not one byte more is taken.
    private static int writeUntilStalled(Bridge bridge, Peer writer) throws IOException {
        writer.channel.configureBlocking(false);
        int taken = 0;
        for (int idleTurns = 0; idleTurns < 100 && taken < TOTAL; idleTurns++) {
            int written = writer.channel.write(pattern(taken, Math.min(8192, TOTAL - taken)));
            if (written > 0) {
                taken += written;
                idleTurns = 0;
            }
            assertThat(bridge.connections()).isOne();
        }
        writer.channel.configureBlocking(true);
        return taken;
    }

    private static void writeRest(Peer writer, int from) {
        try {
            for (int at = from; at < TOTAL; ) {
                at += writer.channel.write(pattern(at, Math.min(8192, TOTAL - at)));
            }
            writer.end();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void readAll(Peer reader) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
        int at = 0;
        while (reader.channel.read(buffer) >= 0) {
            buffer.flip();
            assertThat(buffer.mismatch(pattern(at, buffer.remaining())))
                    .as("after %d bytes", at)
                    .isEqualTo(-1);
            at += buffer.limit();
            buffer.clear();
        }
        assertThat(at).isEqualTo(TOTAL);
    }

    /// Bytes that tell where in the stream they belong.
    private static ByteBuffer pattern(int from, int count) {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        for (int i = 0; i < count; i++) {
            int at = from + i;
            bytes.put(i, (byte) (at ^ (at >>> 8) ^ (at >>> 16)));
        }
        return bytes;
    }
}
