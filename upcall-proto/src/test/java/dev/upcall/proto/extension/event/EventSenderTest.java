package dev.upcall.proto.extension.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventAck;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.EventNotify;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// §3, the sending end.
class EventSenderTest {

    private static final Epoch EPOCH = new Epoch(0xE);

    private final List<EventNotify> sent = new ArrayList<>();
    private EventSender sender = EventSender.startingAt(EPOCH, 1);

    @Test
    void s3_nothing_leaves_without_a_connection_and_everything_kept_leaves_with_one() {
        raise(EventKind.CPU_ONLINE, 3);
        assertThat(sent).isEmpty();

        sender = sender.resumed(0).flush(sent);

        assertThat(sequences()).containsExactly(1L, 2L, 3L);
        assertThat(sender.flush(sent)).isSameAs(sender);
    }

    @Test
    void s3_what_is_acknowledged_is_forgotten_cumulatively() {
        sender = sender.anew();
        raise(EventKind.USER, 5);

        sender = sender.flush(sent).acknowledged(new EventAck(EPOCH, 3));

        assertThat(sender.kept()).extracting(EventNotify::sequence).containsExactly(4L, 5L);
    }

    @Test
    void s3_an_acknowledgement_of_another_epoch_or_of_what_never_left_acknowledges_nothing_more() {
        raise(EventKind.USER, 3);
        sender = sender.resumed(0);

        assertThat(sender.acknowledged(new EventAck(new Epoch(0xF), 3)).kept()).hasSize(3);
        assertThat(sender.acknowledged(new EventAck(EPOCH, 3)).kept()).hasSize(3);
    }

    @Test
    void s3_user_events_find_room_for_256_and_wait_with_the_next() {
        raise(EventKind.USER, 255);
        assertThat(sender.hasRoom()).isTrue();

        raise(EventKind.USER, 1);
        assertThat(sender.hasRoom()).isFalse();

        sender = sender.resumed(0).flush(sent).acknowledged(new EventAck(EPOCH, 1));
        assertThat(sender.hasRoom()).isTrue();
    }

    @Test
    void s3_the_257th_kernel_event_drops_the_oldest_and_the_next_one_says_so() {
        raise(EventKind.CPU_ONLINE, 257);

        sender = sender.resumed(0).flush(sent);

        assertThat(sequences()).hasSize(256).startsWith(2L).endsWith(257L);
        assertThat(sent.getFirst().dropped()).isEqualTo(1);
        assertThat(sent.get(1).dropped()).isZero();
    }

    @Test
    void s3_a_terminal_event_and_user_events_are_not_dropped_for_a_kernel_event() {
        raise(EventKind.VM_SHUTDOWN, 1);
        raise(EventKind.USER, 2);
        raise(EventKind.CPU_ONLINE, 253);
        raise(EventKind.CPU_OFFLINE, 1);

        assertThat(sender.kept()).extracting(EventNotify::sequence).startsWith(1L, 2L, 3L, 5L);
    }

    @Test
    void s3_among_256_user_events_a_new_kernel_event_is_the_one_given_up() {
        raise(EventKind.USER, 256);
        raise(EventKind.CPU_ONLINE, 1);
        sender = sender.resumed(0).flush(sent).acknowledged(new EventAck(EPOCH, 1));
        raise(EventKind.USER, 1);

        sender.flush(sent);

        assertThat(sent.getLast().sequence()).isEqualTo(258);
        assertThat(sent.getLast().dropped()).isEqualTo(1);
    }

    @Test
    void s3_a_terminal_event_finds_its_place_even_among_user_events() {
        raise(EventKind.USER, 256);
        raise(EventKind.APP_EXIT, 1);

        assertThat(sender.kept()).hasSize(256);
        assertThat(sender.kept().getLast().kind()).isEqualTo(EventKind.APP_EXIT);
        assertThat(sender.kept().getFirst().sequence()).isEqualTo(2);
    }

    @Test
    void s3_a_known_receiver_goes_on_after_the_last_it_has_seen() {
        raise(EventKind.USER, 5);

        sender = sender.resumed(3);

        assertThat(sender.nextEvent()).isEqualTo(4);
        sender.flush(sent);
        assertThat(sequences()).containsExactly(4L, 5L);
    }

    @Test
    void s3_or_at_the_oldest_kept_one_if_that_is_later() {
        raise(EventKind.CPU_ONLINE, 300);

        sender = sender.resumed(3);

        assertThat(sender.nextEvent()).isEqualTo(45);
        sender.flush(sent);
        assertThat(sent.getFirst().dropped()).isEqualTo(41);
    }

    @Test
    void s3_an_unknown_receiver_starts_with_the_next_event_and_what_was_before_is_no_gap() {
        raise(EventKind.USER, 5);

        sender = sender.anew();

        assertThat(sender.nextEvent()).isEqualTo(6);
        raise(EventKind.USER, 1);
        sender.flush(sent);
        assertThat(sent).singleElement().satisfies(e -> {
            assertThat(e.sequence()).isEqualTo(6);
            assertThat(e.dropped()).isZero();
        });
    }

    @Test
    void s3_a_receiver_that_claims_to_have_seen_the_future_is_not_believed() {
        raise(EventKind.USER, 2);

        sender = sender.resumed(99);
        raise(EventKind.USER, 1);

        assertThat(sender.nextEvent()).isEqualTo(3);
    }

    @Test
    void s3_what_was_sent_and_not_acknowledged_is_sent_again_on_the_next_connection() {
        raise(EventKind.USER, 3);
        sender = sender.resumed(0).flush(sent).closed();

        sender.resumed(1).flush(sent);

        assertThat(sequences()).containsExactly(1L, 2L, 3L, 2L, 3L);
    }

    @Test
    void a_receiver_that_reads_nothing_gets_256_events_and_no_more() {
        sender = sender.resumed(0);
        for (int i = 0; i < 1000; i++) {
            raise(EventKind.CPU_ONLINE, 1);
            sender = sender.flush(sent);
        }
        assertThat(sequences()).hasSize(256).endsWith(256L);

        sender = sender.acknowledged(new EventAck(EPOCH, 255)).flush(sent);
        assertThat(sequences()).hasSize(256);

        sender = sender.acknowledged(new EventAck(EPOCH, 256)).flush(sent);
        assertThat(sequences()).hasSize(512).endsWith(1000L);
        assertThat(sent.get(256).dropped()).isEqualTo(745 - 256 - 1);
    }

    @Test
    void an_event_out_of_its_number_is_the_callers_mistake() {
        assertThatThrownBy(() -> sender.add(event(2, EventKind.USER))).hasMessage("event must have sequence 1: 2");
    }

    private void raise(EventKind kind, int count) {
        LongStream.range(0, count).forEach(_ -> sender = sender.add(event(sender.next(), kind)));
    }

    private List<Long> sequences() {
        return sent.stream().map(EventNotify::sequence).toList();
    }

    private static EventNotify event(long sequence, EventKind kind) {
        return new EventNotify(EPOCH, sequence, kind, DeviceReference.NONE, Bytes.EMPTY, 0, 0);
    }
}
