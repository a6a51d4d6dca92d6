package dev.upcall.proto.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class FrameAssemblerTest {

    private final FrameAssembler assembler = new FrameAssembler();
    private final List<byte[]> frames = new ArrayList<>();

    @Test
    void any_chunking_gives_the_same_frames() {
        for (int seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            byte[] stream = new byte[1024 * (1 + random.nextInt(4))];
            random.nextBytes(stream);
            FrameAssembler fresh = new FrameAssembler();
            List<byte[]> got = new ArrayList<>();

            for (int at = 0; at < stream.length; ) {
                int chunk = random.nextBoolean() ? 1 + random.nextInt(3) : 1 + random.nextInt(2500);
                int end = Math.min(stream.length, at + chunk);
                fresh.accept(bufferOfAnyKind(stream, at, end, random), (b, base) -> got.add(copy(b, base)));
                at = end;
                assertThat(fresh.gathered()).as("seed %d", seed).isEqualTo(at % 1024);
            }

            assertThat(join(got)).as("seed %d", seed).isEqualTo(stream);
        }
    }

    @Test
    void single_bytes_make_frames() {
        byte[] stream = numbered(3 * 1024);

        for (byte b : stream) {
            feed(ByteBuffer.wrap(new byte[] {b}));
        }

        assertThat(join(frames)).isEqualTo(stream);
    }

    @Test
    void a_frame_cut_at_any_byte_is_reassembled() {
        byte[] stream = numbered(1024);
        for (int cut = 0; cut <= 1024; cut++) {
            feed(ByteBuffer.wrap(stream, 0, cut));
            assertThat(frames).hasSize(cut == 1024 ? 1 : 0);
            feed(ByteBuffer.wrap(stream, cut, 1024 - cut));

            assertThat(frames).as("cut at %d", cut).hasSize(1);
            assertThat(frames.removeFirst()).as("cut at %d", cut).isEqualTo(stream);
        }
    }

    @Test
    void several_frames_in_one_buffer_come_out_in_order_and_the_rest_is_kept() {
        byte[] stream = numbered(3 * 1024 + 5);

        feed(ByteBuffer.wrap(stream));

        assertThat(frames).hasSize(3);
        assertThat(assembler.gathered()).isEqualTo(5);
    }

    @Test
    void a_whole_frame_is_handed_on_where_it_lies() {
        ByteBuffer input = ByteBuffer.allocateDirect(2048);

        assembler.accept(input, (buffer, base) -> {
            assertThat(buffer).isSameAs(input);
            assertThat(base % 1024).isZero();
        });

        assertThat(input.remaining()).isZero();
    }

    @Test
    void every_kind_of_buffer_reads_the_same_numbers() {
        byte[] frame = HexFrames.frame("cpu-added.hex");
        List<Function<byte[], ByteBuffer>> kinds = List.of(
                ByteBuffer::wrap,
                bytes -> ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN),
                bytes -> ByteBuffer.wrap(bytes).asReadOnlyBuffer(),
                bytes -> ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());

        for (Function<byte[], ByteBuffer> kind : kinds) {
            for (int cut : new int[] {0, 7, 1024}) {
                List<ReplyFrame> read = new ArrayList<>();
                ByteBuffer all = kind.apply(frame);
                assembler.accept(all.slice(0, cut).order(all.order()), (b, base) -> read.add(ReplyFrame.read(b, base)));
                assembler.accept(all.position(cut), (b, base) -> read.add(ReplyFrame.read(b, base)));

                assertThat(read).containsExactly(new ReplyFrame(new FrameHeader(0x444D0100, 4, 1, 0), 0, 1));
            }
        }
    }

    @Test
    void an_empty_buffer_changes_nothing() {
        feed(ByteBuffer.allocate(0));

        assertThat(frames).isEmpty();
        assertThat(assembler.gathered()).isZero();
    }

    private void feed(ByteBuffer input) {
        assembler.accept(input, (buffer, base) -> frames.add(copy(buffer, base)));
        assertThat(input.remaining()).isZero();
    }

    private static ByteBuffer bufferOfAnyKind(byte[] stream, int from, int to, Random random) {
        int ahead = random.nextInt(5);
        ByteBuffer buffer = random.nextBoolean()
                ? ByteBuffer.allocate(ahead + to - from)
                : ByteBuffer.allocateDirect(ahead + to - from);
        buffer.order(random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        return buffer.position(ahead).put(stream, from, to - from).position(ahead);
    }

    private static byte[] copy(ByteBuffer buffer, int base) {
        byte[] bytes = new byte[1024];
        buffer.get(base, bytes);
        return bytes;
    }

    private static byte[] numbered(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + i / 1024);
        }
        return bytes;
    }

    private static byte[] join(List<byte[]> frames) {
        ByteBuffer all = ByteBuffer.allocate(frames.size() * 1024);
        frames.forEach(all::put);
        return all.array();
    }
}
