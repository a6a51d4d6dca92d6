package dev.upcall.client.bridge.vhost;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upcall.client.bridge.Peer;
import dev.upcall.client.posix.EventFd;
import dev.upcall.client.posix.Mapping;
import dev.upcall.client.posix.MemoryFile;
import dev.upcall.client.posix.PosixException;
import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.newsclub.net.unix.FileDescriptorCast;

/// What QEMU 7.2 was recorded to say, over a real socket with real memory and eventfds, and passed by somebody else's
/// code: junixsocket. (The machine behind it replays the same traces in `upcall-proto`.)
@Timeout(60)
class TraceOverSocketTest {
    private static final int SET_MEM_TABLE = 5;
    private static final int SET_VRING_ADDR = 9;
    private static final int SET_VRING_BASE = 10;
    private static final int GET_VRING_BASE = 11;
    private static final int SET_VRING_KICK = 12;
    private static final int HEADER = 12;
    private static final long MEMORY = 256L << 20;

    @TempDir
    private Path folder;

    private final List<EventFd> given = new ArrayList<>();
    private final int[] bases = new int[2];
    private final long[] available = new long[2];
    private ByteBuffer regions = ByteBuffer.allocate(0);

    @ParameterizedTest
    @ValueSource(strings = {"pc-start-stop-cont-reset-quit.jsonl", "microvm.jsonl"})
    void qemus_side_said_again_is_answered_as_recorded_and_the_next_vm_is_served(String file) throws Exception {
        try (Bridged bridged = new Bridged(folder)) {
            try (MemoryFile memory = MemoryFile.create("guest", MEMORY);
                    Mapping mapping = Mapping.of(memory.fd(), 0, MEMORY);
                    AFUNIXSocketChannel qemu = AFUNIXSocketChannel.open()) {
                qemu.connect(AFUNIXSocketAddress.of(bridged.vhost));
                List<JsonNode> lines = lines(file);
                int answers = 0;
                for (int i = 0; i < lines.size(); i++) {
                    if (lines.get(i).path("dir").asText().equals("F->B")) {
                        say(qemu, lines.get(i), memory, mapping);
                    } else if (lines.get(i).path("dir").asText().equals("B->F")) {
                        assertThat(heard(qemu)).as("%s", lines.get(i)).isEqualTo(expected(lines.get(i)));
                        answers++;
                    }
                }
                assertThat(answers).as("answers held against the recorded ones").isGreaterThanOrEqualTo(4);
                assertThat(bridged.gone).isEmpty();
            }
            bridged.gone.take();
            FakeVm next = bridged.vm();
            Peer host = bridged.dial();
            bridged.opens(next, host, 219);
        } finally {
            given.forEach(EventFd::close);
        }
    }

    private void say(AFUNIXSocketChannel qemu, JsonNode line, MemoryFile memory, Mapping mapping) throws IOException {
        ByteBuffer message = message(line);
        look(message, mapping);
        List<FileDescriptor> passed = new ArrayList<>();
        for (int i = 0; i < line.path("nfds").asInt(); i++) {
            passed.add(descriptor(
                    line.path("id").asInt() == SET_MEM_TABLE
                            ? memory.fd().number()
                            : event().fd().number()));
        }
        if (!passed.isEmpty()) {
            qemu.setOutboundFileDescriptors(passed.toArray(FileDescriptor[]::new));
        }
        while (message.hasRemaining()) {
            qemu.write(message);
        }
    }

    /// The recorded guest used its rings; ours is quiet. Its driver's index stands where the device is told to
    /// begin, or
    /// the rings would look broken.
    private void look(ByteBuffer message, Mapping mapping) {
        switch (message.getInt(0)) {
            case SET_MEM_TABLE -> regions = message.duplicate().order(ByteOrder.LITTLE_ENDIAN);
            case SET_VRING_ADDR -> available[message.getInt(HEADER)] = message.getLong(HEADER + 24);
            case SET_VRING_BASE -> bases[message.getInt(HEADER)] = message.getInt(HEADER + 4);
            case SET_VRING_KICK -> {
                int ring = message.getInt(HEADER) & 0xff;
                mapping.bytes().set(ValueLayout.JAVA_SHORT, fileOffset(available[ring]) + 2, (short) bases[ring]);
            }
            default -> {
                // nothing that the rings depend on
            }
        }
    }

    /// Where in the file an address of QEMU's is.
    private long fileOffset(long address) {
        for (int i = 0; i < regions.getInt(HEADER); i++) {
            int at = HEADER + 8 + i * 32;
            long inside = address - regions.getLong(at + 16);
            if (inside >= 0 && inside < regions.getLong(at + 8)) {
                return inside + regions.getLong(at + 24);
            }
        }
        throw new AssertionError("the recorded ring is in no recorded region");
    }

    /// A ring that nobody uses stands where it began; everything else is as recorded.
    private ByteBuffer expected(JsonNode line) {
        ByteBuffer recorded = message(line);
        if (recorded.getInt(0) == GET_VRING_BASE) {
            recorded.putInt(HEADER + 4, bases[recorded.getInt(HEADER)]);
        }
        return recorded;
    }

    private static ByteBuffer heard(AFUNIXSocketChannel qemu) throws IOException {
        ByteBuffer header = filled(qemu, HEADER);
        ByteBuffer payload = filled(qemu, header.getInt(8));
        return FakeVm.buffer(HEADER + payload.remaining())
                .put(header)
                .put(payload)
                .flip();
    }

    private static ByteBuffer filled(AFUNIXSocketChannel qemu, int size) throws IOException {
        ByteBuffer bytes = FakeVm.buffer(size);
        while (bytes.hasRemaining()) {
            assertThat(qemu.read(bytes)).as("not the end").isPositive();
        }
        return bytes.flip();
    }

    private static ByteBuffer message(JsonNode line) {
        byte[] payload = HexFormat.of().parseHex(line.path("payload").asText());
        return FakeVm.buffer(HEADER + payload.length)
                .putInt(line.path("id").asInt())
                .putInt(Integer.decode(line.path("flags").asText()))
                .putInt(line.path("size").asInt())
                .put(payload)
                .flip();
    }

    private EventFd event() throws PosixException {
        EventFd event = EventFd.create();
        given.add(event);
        return event;
    }

    private static FileDescriptor descriptor(int number) throws IOException {
        return FileDescriptorCast.unsafeUsing(number).getFileDescriptor();
    }

    private static List<JsonNode> lines(String file) throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("../upcall-proto/src/test/resources/vhost-user", file))) {
            lines.add(json.readTree(line));
        }
        return lines;
    }
}
