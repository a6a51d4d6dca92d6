package dev.upcall.proto.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.wire.HexFrames.Captured;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReplyFrameTest {

    static List<Captured> captured() {
        return HexFrames.replies();
    }

    @Test
    void there_are_145_captured_frames() {
        assertThat(captured()).hasSize(145);
    }

    @ParameterizedTest
    @MethodSource("captured")
    void every_captured_frame_reads_as_the_capturing_program_read_it(Captured frame) {
        ReplyFrame read = ReplyFrame.read(frame.frame(), 0);

        assertThat(read.header())
                .isEqualTo(
                        new FrameHeader(0x444D0100, field(frame, "size"), field(frame, "type"), field(frame, "flags")));
        assertThat(read.result()).isEqualTo(field(frame, "ret"));
        assertThat(read.loadWord()).isEqualTo(field(frame, "word5"));
    }

    @Test
    void a_frame_is_read_where_it_lies() {
        byte[] frame = HexFrames.frame("cpu-added.hex");
        ByteBuffer buffer = ByteBuffer.allocateDirect(3000);
        buffer.put(1001, frame);

        assertThat(ReplyFrame.read(buffer, 1001)).isEqualTo(ReplyFrame.read(ByteBuffer.wrap(frame), 0));
        assertThat(buffer.position()).isZero();
    }

    @Test
    void a_frame_is_shown_in_the_protocols_own_names() {
        ReplyFrame frame = new ReplyFrame(new FrameHeader(0x444D0100, 4, 1, 0), -5, 3);

        assertThat(frame).hasToString("magic_version=0x444D0100 msg_size=4 msg_type=1 msg_flags=0x0 result=-5 load=3");
    }

    @Test
    void a_type_of_another_dialect_is_shown_in_hexadecimal() {
        assertThat(new FrameHeader(0x444D0100, -1, 0xdbe00000, 0xdb000000).toString())
                .contains("msg_type=0xDBE00000", "msg_flags=0xDB000000", "msg_size=4294967295");
    }

    private static int field(Captured frame, String name) {
        return frame.fields().getOrDefault(name, Integer.MIN_VALUE);
    }
}
