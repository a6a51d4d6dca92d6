package dev.upcall.proto.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.message.Reply.Answer;
import dev.upcall.proto.message.Reply.Misbehaved;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.HexFrames;
import dev.upcall.proto.wire.ReplyFrame;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ReplyTest {

    private static final Request ADD_CPU = new Request.AddCpu(new ApicId(1));
    private static final Request ADD_PCI = new Request.AddPci(PciFunction.parse("00:02.0"));

    @Test
    void the_index_of_a_successful_cpu_operation_is_read() {
        assertThat(Reply.match(ADD_CPU, captured("A.add-cpu-1"))).isEqualTo(new Answer(0, OptionalInt.of(1)));
    }

    @Test
    void the_index_of_a_failed_cpu_operation_is_stale_and_not_read() {
        ReplyFrame inUse = captured("A.add-cpu-1-again");

        assertThat(inUse.loadWord()).isEqualTo(1);
        assertThat(Reply.match(ADD_CPU, inUse)).isEqualTo(new Answer(-22, OptionalInt.empty()));
    }

    @Test
    void a_load_word_is_stale_when_the_size_says_there_is_none() {
        assertThat(Reply.match(ADD_PCI, frame(0x444D0100, 0, 7, 0, 3))).isEqualTo(new Answer(0, OptionalInt.empty()));
    }

    @Test
    void a_positive_result_is_an_answer_but_no_success() {
        assertThat(Reply.match(new Request.DelCpu(new ApicId(2)), captured("B.del-cpu-2-already-offline")))
                .isEqualTo(new Answer(1, OptionalInt.empty()))
                .extracting(reply -> ((Answer) reply).succeeded())
                .isEqualTo(false);
    }

    @Test
    void a_wrong_magic_is_named_with_both_values() {
        assertThat(why(ADD_CPU, frame(0x0BADF00D, 0, 1, 0, 0)))
                .contains("magic_version 0x0BADF00D", "expected 0x444D0100", "ADD_CPU 1");
    }

    @Test
    void a_type_that_does_not_echo_the_request_is_named() {
        assertThat(why(ADD_CPU, frame(0x444D0100, 0, 2, 0, 0))).contains("msg_type 2, expected 1");
    }

    @Test
    void a_size_that_is_neither_0_nor_4_is_named() {
        assertThat(why(ADD_CPU, frame(0x444D0100, 8, 1, 0, 0))).contains("msg_size 8, expected 0 or 4");
        assertThat(why(ADD_CPU, frame(0x444D0100, -1, 1, 0, 0))).contains("msg_size 4294967295");
    }

    @Test
    void a_success_that_counts_other_cpus_than_were_asked_for_is_none() {
        Request two = new Request.DelCpu(List.of(new ApicId(3), new ApicId(2)));

        assertThat(Reply.match(two, captured("B.del-cpu-3-2"))).isEqualTo(new Answer(0, OptionalInt.of(2)));
        assertThat(why(two, captured("B.del-cpu-count0"))).contains("DEL_CPU 3,2 counts 0 CPUs");
    }

    @Test
    void flags_of_a_reply_are_not_interpreted() {
        ReplyFrame flagged = new ReplyFrame(new FrameHeader(0x444D0100, 0, 7, 0xdead), 0, 0);

        assertThat(Reply.match(ADD_PCI, flagged)).isEqualTo(new Answer(0, OptionalInt.empty()));
    }

    @Test
    void the_captured_connect_frames_are_right() {
        List<HexFrames.Captured> connects = HexFrames.replies().stream()
                .filter(frame -> frame.label().endsWith("connect-frame"))
                .toList();

        assertThat(connects)
                .isNotEmpty()
                .allSatisfy(frame -> assertThat(Reply.checkConnect(read(frame))).isEmpty());
    }

    @Test
    void a_first_frame_that_is_not_connect_is_named() {
        assertThat(Reply.checkConnect(frame(0x12345678, 0, 0, 0, 0)).orElseThrow())
                .contains("0x12345678", "0x444D0100");
        assertThat(Reply.checkConnect(frame(0x444D0100, 0, 1, 0, 0)).orElseThrow())
                .contains("msg_type=1");
        assertThat(Reply.checkConnect(frame(0x444D0100, 4, 0, 0, 0)).orElseThrow())
                .contains("msg_size=4");
    }

    private static String why(Request request, ReplyFrame frame) {
        return ((Misbehaved) Reply.match(request, frame)).why();
    }

    private static ReplyFrame frame(int magic, int size, int type, int result, int word) {
        return new ReplyFrame(new FrameHeader(magic, size, type, 0), result, word);
    }

    private static ReplyFrame captured(String label) {
        return read(HexFrames.replies().stream()
                .filter(frame -> frame.label().equals(label))
                .findFirst()
                .orElseThrow());
    }

    private static ReplyFrame read(HexFrames.Captured frame) {
        return ReplyFrame.read(frame.frame(), 0);
    }
}
