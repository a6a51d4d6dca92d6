package dev.upcall.proto.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.wire.HexFrames;
import dev.upcall.proto.wire.ReplyFrame;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InboundStreamTest {

    private static final byte[] REPLY = HexFrames.frame("cpu-added.hex");
    private static final byte[] CONNECT = connectFrame();

    private final List<Event> events = new ArrayList<>();

    @Test
    void any_chunking_gives_the_same_events() {
        byte[] stream = stream("OK 1073741824\n", CONNECT, REPLY, REPLY);
        List<Event> expected = List.of(
                new Event.ServerAccepted(7),
                new Event.ServiceAnnounced(7, Play.connect()),
                new Event.FrameArrived(7, read(REPLY)),
                new Event.FrameArrived(7, read(REPLY)));
        for (int seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            List<Event> got = new ArrayList<>();
            InboundStream inbound = new InboundStream(7, true, got::add);
            for (int at = 0; at < stream.length; ) {
                int chunk = random.nextBoolean() ? 1 + random.nextInt(3) : 1 + random.nextInt(2500);
                int end = Math.min(stream.length, at + chunk);
                inbound.accept(ByteBuffer.wrap(stream, at, end - at));
                at = end;
            }
            assertThat(got).as("seed %d", seed).isEqualTo(expected);
        }
    }

    @Test
    void ok_and_the_first_frame_in_one_read_are_both_kept() {
        new InboundStream(1, true, events::add).accept(ByteBuffer.wrap(stream("OK 1\n", CONNECT)));

        assertThat(events).containsExactly(new Event.ServerAccepted(1), new Event.ServiceAnnounced(1, Play.connect()));
    }

    @Test
    void a_plain_target_has_no_ok_line() {
        new InboundStream(1, false, events::add).accept(ByteBuffer.wrap(CONNECT));

        assertThat(events).containsExactly(new Event.ServiceAnnounced(1, Play.connect()));
    }

    @Test
    void nothing_is_understood_after_a_breach() {
        InboundStream inbound = new InboundStream(1, true, events::add);
        ByteBuffer rest = ByteBuffer.wrap(stream("OK 1\n", CONNECT));

        inbound.accept(ByteBuffer.wrap(stream("NO\n", CONNECT)));
        inbound.accept(rest);

        assertThat(events).hasSize(1).first().isInstanceOf(Event.PeerMisbehaved.class);
        assertThat(rest.remaining()).isZero();
    }

    @Test
    void an_end_inside_a_frame_says_how_much_of_it_came() {
        InboundStream inbound = new InboundStream(1, false, events::add);
        inbound.accept(ByteBuffer.wrap(CONNECT, 0, 17));

        inbound.end("reset");

        assertThat(events).containsExactly(new Event.PeerClosed(1, "reset after 17 bytes of a frame"));
    }

    @Test
    void an_end_between_frames_is_shown_as_it_was_seen() {
        new InboundStream(1, true, events::add).end("end of stream");

        assertThat(events).containsExactly(new Event.PeerClosed(1, "end of stream"));
    }

    private static ReplyFrame read(byte[] frame) {
        return ReplyFrame.read(ByteBuffer.wrap(frame), 0);
    }

    private static byte[] connectFrame() {
        byte[] frame = new byte[1024];
        HexFrames.replies().getFirst().frame().get(0, frame);
        return frame;
    }

    private static byte[] stream(String line, byte[]... frames) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(line.getBytes(StandardCharsets.US_ASCII));
        for (byte[] frame : frames) {
            bytes.writeBytes(frame);
        }
        return bytes.toByteArray();
    }
}
