package dev.upcall.proto.vhostuser;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What QEMU 7.2 really sent, said again to our machine.
class TraceReplayTest {

    private static final String PC = "pc-start-stop-cont-reset-quit.jsonl";
    private static final String MICROVM = "microvm.jsonl";

    @ParameterizedTest
    @ValueSource(strings = {PC, MICROVM})
    void every_answer_is_the_recorded_one_and_nothing_else_is_answered(String file) {
        Conversation c = Conversation.begun();

        List<Trace.Request> requests = Trace.read(file).requests();
        for (int i = 0; i < requests.size(); i++) {
            Trace.Request request = requests.get(i);
            standAsRecorded(c, requests.subList(i, requests.size()));
            c.sends(request.bytes(), request.fds());

            assertThat(c.answers().stream().map(Answer::encode))
                    .as("%s", request)
                    .containsExactlyElementsOf(request.answer().hasRemaining() ? List.of(request.answer()) : List.of());
            assertThat(c.of(Action.HangUp.class)).as("%s", request).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {PC, MICROVM})
    void every_descriptor_is_closed_exactly_once(String file) {
        Conversation c = Conversation.begun();
        for (Trace.Request request : Trace.read(file).requests()) {
            c.sends(request.bytes(), request.fds());
            // Each ring has a kick, a call and an err at most; memory's are closed as soon as it is mapped.
            assertThat(c.openFds).as("%s", request).hasSizeLessThanOrEqualTo(6);
        }

        c.happens(new Event.FrontEndClosed());

        assertThat(c.openFds).isEmpty();
        assertThat(c.running).containsExactly(false, false);
    }

    @Test
    void the_rings_of_a_pc_run_three_times_where_qemu_logs_them() {
        Conversation c = Conversation.begun();
        List<Action.StartRing> starts = new ArrayList<>();
        List<Long> logged = new ArrayList<>();
        for (Trace.Request request : Trace.read(PC).requests()) {
            c.sends(request.bytes(), request.fds());
            starts.addAll(c.of(Action.StartRing.class));
            if (request.name().equals("SET_VRING_ADDR")) {
                // The log address is the used ring's guest address: QEMU's own translation.
                logged.add(request.bytes().getLong(12 + 32));
            }
        }

        assertThat(starts).extracting(Action.StartRing::ring).containsExactly(0, 1, 0, 1, 0, 1);
        assertThat(starts).extracting(start -> start.parts().used()).containsExactlyElementsOf(logged);
        assertThat(starts).extracting(start -> start.parts().entries()).containsOnly(128);
        assertThat(starts.getFirst().parts()).isEqualTo(new RingParts(128, 0x3cb000, 0x3cb800, 0x3cb940));
    }

    @Test
    void two_regions_of_a_microvm_are_mapped_and_its_rings_found_in_the_second() {
        Conversation c = Conversation.begun();
        List<Action> all = new ArrayList<>();
        for (Trace.Request request : Trace.read(MICROVM).requests()) {
            c.sends(request.bytes(), request.fds());
            all.addAll(c.ordered);
        }

        assertThat(all.stream().filter(Action.MapMemory.class::isInstance).map(Action.MapMemory.class::cast))
                .singleElement()
                .satisfies(map -> assertThat(map.mappings())
                        .extracting(Action.Mapping::region)
                        .containsExactly(
                                new MemoryRegion(0, 0xf0000, 0x7f4893fff000L, 0),
                                new MemoryRegion(0x100000, 0xff00000, 0x7f48940ff000L, 0x100000)));
        assertThat(all).contains(new Action.StartRing(0, new RingParts(1024, 0x250000, 0x254000, 0x255000), 0));
        assertThat(all).contains(new Action.StartRing(1, new RingParts(1024, 0x450000, 0x454000, 0x455000), 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {PC, MICROVM})
    void any_cut_of_the_recorded_bytes_gives_the_same_messages(String file) {
        for (int step = 1; step < 40; step++) {
            MessageAssembler whole = new MessageAssembler();
            MessageAssembler cut = new MessageAssembler();
            for (Trace.Request request : Trace.read(file).requests()) {
                Decoded expected =
                        whole.accept(request.bytes().duplicate(), request.fds()).orElseThrow();
                assertThat(inPieces(cut, request, step)).isEqualTo(expected);
            }
        }
    }

    private static Decoded inPieces(MessageAssembler assembler, Trace.Request request, int step) {
        int fds = request.fds();
        for (int at = 0; at < request.bytes().limit(); ) {
            int count = Math.min(step, assembler.bytesWanted());
            var decoded = assembler.accept(request.bytes().slice(at, count), fds);
            fds = 0;
            at += count;
            assertThat(decoded.isPresent()).isEqualTo(at == request.bytes().limit());
            if (decoded.isPresent()) {
                return decoded.get();
            }
        }
        throw new AssertionError("no message in " + request);
    }

    /// Where a ring stood when it was stopped depended on the guest's traffic: the paper rings stand
    /// where the recorded ones did at the next stop.
    private static void standAsRecorded(Conversation c, List<Trace.Request> still) {
        for (int ring = 0; ring < Message.RINGS; ring++) {
            for (Trace.Request request : still) {
                if (request.name().equals("GET_VRING_BASE") && request.bytes().getInt(12) == ring) {
                    c.next[ring] = request.answer().getInt(16);
                    break;
                }
            }
        }
    }
}
