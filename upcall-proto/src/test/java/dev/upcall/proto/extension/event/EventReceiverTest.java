package dev.upcall.proto.extension.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventAck;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.EventNotify;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// §3, the receiving end.
class EventReceiverTest {

    private static final Epoch EPOCH = new Epoch(0xE);
    private static final long MS_100 = TimeUnit.MILLISECONDS.toNanos(100);

    private final List<EventOrder> out = new ArrayList<>();
    private EventReceiver receiver = EventReceiver.after(EPOCH, 10);

    @Test
    void s3_events_in_order_are_delivered_each_once() {
        receive(11, 0);
        receive(12, 0);

        assertThat(out).containsExactly(deliver(11), deliver(12));
    }

    @Test
    void s3_one_event_is_acknowledged_after_100_ms_and_not_before() {
        receive(11, 7);
        receive(12, MS_100);

        assertThat(receiver.nextDeadline()).isEqualTo(7 + MS_100);
        out.clear();
        receiver = receiver.timePassed(7 + MS_100 - 1, out);
        assertThat(out).isEmpty();
        receiver = receiver.timePassed(7 + MS_100, out);
        assertThat(out).containsExactly(ack(12));
        assertThat(receiver.nextDeadline()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void s3_the_32nd_event_is_acknowledged_at_once() {
        for (int i = 0; i < 31; i++) {
            receive(11 + i, 0);
        }
        assertThat(out).hasSize(31).noneMatch(EventOrder.SendAck.class::isInstance);

        receive(42, 0);

        assertThat(out.subList(31, 33)).containsExactly(deliver(42), ack(42));
    }

    @Test
    void s3_an_event_at_or_below_the_last_seen_is_acknowledged_again_and_dropped() {
        receive(10, 0);
        receive(3, 0);

        assertThat(out)
                .containsExactly(
                        new EventOrder.Discard(event(10), EventOrder.Cause.DUPLICATE),
                        new EventOrder.Discard(event(3), EventOrder.Cause.DUPLICATE));
        out.clear();
        receiver.timePassed(MS_100, out);
        assertThat(out).containsExactly(ack(10));
    }

    @Test
    void s3_a_gap_is_what_the_sequence_jumps_over_whatever_dropped_says() {
        receiver = receiver.receive(
                new EventNotify(EPOCH, 15, EventKind.USER, DeviceReference.NONE, Bytes.EMPTY, 0, 2), 0, out);

        assertThat(out.getFirst()).isEqualTo(new EventOrder.Gap(11, 14, 2));
        assertThat(((EventOrder.Gap) out.getFirst()).count()).isEqualTo(4);
        assertThat(receiver.last()).isEqualTo(15);
    }

    @Test
    void s3_dropped_without_a_jump_is_no_gap() {
        receiver.receive(new EventNotify(EPOCH, 11, EventKind.USER, DeviceReference.NONE, Bytes.EMPTY, 0, 2), 0, out);

        assertThat(out).hasSize(1).first().isInstanceOf(EventOrder.Deliver.class);
    }

    @Test
    void s3_the_first_event_of_an_unknown_stream_is_no_gap() {
        receiver = EventReceiver.fresh(EPOCH);
        assertThat(receiver.resumeAfter()).isZero();

        receive(77, 0);

        assertThat(out).containsExactly(deliver(77));
        assertThat(receiver.resumeAfter()).isEqualTo(77);
    }

    @Test
    void s3_an_event_of_another_epoch_is_dropped_and_changes_nothing() {
        EventNotify other =
                new EventNotify(new Epoch(0xF), 11, EventKind.USER, DeviceReference.NONE, Bytes.EMPTY, 0, 0);

        assertThat(receiver.receive(other, 0, out)).isEqualTo(receiver);
        assertThat(out).containsExactly(new EventOrder.Discard(other, EventOrder.Cause.FOREIGN_EPOCH));
    }

    @Test
    void s3_a_terminal_event_is_acknowledged_at_once() {
        EventNotify exit = new EventNotify(EPOCH, 11, EventKind.APP_EXIT, DeviceReference.NONE, Bytes.EMPTY, 0, 0);

        receiver.receive(exit, 0, out);

        assertThat(out).containsExactly(new EventOrder.Deliver(exit), ack(11));
    }

    @Test
    void s3_after_the_connection_is_gone_nothing_is_owed_and_the_last_one_seen_is_known() {
        receive(11, 0);

        receiver = receiver.closed();

        assertThat(receiver.nextDeadline()).isEqualTo(Long.MAX_VALUE);
        assertThat(receiver.resumeAfter()).isEqualTo(11);
    }

    private void receive(long sequence, long now) {
        receiver = receiver.receive(event(sequence), now, out);
    }

    private static EventOrder deliver(long sequence) {
        return new EventOrder.Deliver(event(sequence));
    }

    private static EventOrder ack(long sequence) {
        return new EventOrder.SendAck(new EventAck(EPOCH, sequence));
    }

    private static EventNotify event(long sequence) {
        return new EventNotify(EPOCH, sequence, EventKind.USER, DeviceReference.NONE, Bytes.EMPTY, 0, 0);
    }
}
