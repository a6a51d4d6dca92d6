package dev.upcall.proto.extension.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventAck;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.Handshake;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.extension.OnceReply;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The guest's side: §3 events to and from all clients.
class ServiceEventsTest extends ServicePlay {

    @Test
    void s3_every_client_gets_the_same_events_under_one_sequence() {
        open(1, CLIENT);
        raise(EventKind.CPU_ONLINE);
        open(2, new Epoch(0xC2));
        assertThat(service.nextDeadline()).isEqualTo(Long.MAX_VALUE);
        raise(EventKind.CPU_OFFLINE);

        assertThat(sequences(1)).containsExactly(2L);
        assertThat(sequences(2)).containsExactly(2L);
    }

    @Test
    void s3_a_client_that_knows_the_epoch_goes_on_after_what_it_has_seen() {
        open(1, CLIENT);
        raise(EventKind.CPU_ONLINE);
        raise(EventKind.CPU_ONLINE);
        raise(EventKind.CPU_ONLINE);
        close(1);

        reopen(2, CLIENT, 1);

        assertThat(opened(2).nextEvent()).isEqualTo(2);
        assertThat(sequences(2)).containsExactly(2L, 3L);
        assertThat(out.getFirst())
                .isInstanceOfSatisfying(
                        ServiceOrder.Send.class, s -> assertThat(s.message()).isInstanceOf(HandshakeReply.Open.class));
    }

    @Test
    void s3_a_client_that_does_not_know_the_epoch_starts_with_the_next_event() {
        open(1, new Epoch(0xC2));
        raise(EventKind.CPU_ONLINE);

        open(2, CLIENT);
        assertThat(service.nextDeadline()).isEqualTo(Long.MAX_VALUE);
        raise(EventKind.CPU_ONLINE);

        assertThat(opened(2).nextEvent()).isEqualTo(2);
        assertThat(sequences(2)).containsExactly(2L);
    }

    @Test
    void s3_a_client_whose_first_opening_was_not_answered_is_told_what_came_since() {
        open(1, CLIENT);
        raise(EventKind.CPU_ONLINE);
        close(1);

        service.connected(2);
        hear(2, Handshake.Open.first(Features.ALL, CLIENT));

        assertThat(opened(2).nextEvent()).isEqualTo(1);
        assertThat(sequences(2)).contains(1L);
    }

    @Test
    void s3_an_old_opening_that_comes_late_takes_nothing_from_the_stream() {
        open(2, CLIENT);
        assertThat(offerUser()).isTrue();
        out.clear();

        service.connected(1);
        hear(1, Handshake.Open.first(Features.ALL, CLIENT)); // its client has long given it up
        raise(EventKind.CPU_ONLINE);
        out.clear();
        close(1);

        assertThat(sequences(2)).containsExactly(1L, 2L);
        out.clear();
        raise(EventKind.CPU_OFFLINE);
        assertThat(sequences(2)).containsExactly(3L);
    }

    @Test
    void s3_after_its_terminal_event_a_guest_says_nothing_more() {
        open(1, CLIENT);
        service.leave(EventKind.APP_EXIT, 0, now, out);
        out.clear();

        assertThat(offerUser()).isFalse();

        assertThat(out).isEmpty();
    }

    @Test
    void s3_a_user_event_waits_while_256_are_not_acknowledged() {
        open(1, CLIENT);
        for (int i = 0; i < 256; i++) {
            assertThat(offerUser()).isTrue();
        }
        assertThat(offerUser()).isFalse();
        out.clear();

        hear(1, new EventAck(GUEST, 1));

        assertThat(out).containsExactly(new ServiceOrder.RoomForUser());
        assertThat(offerUser()).isTrue();
        assertThat(offerUser()).isFalse();
    }

    @Test
    void s3_a_client_that_is_away_for_30_s_holds_user_events_up_no_longer() {
        open(1, CLIENT);
        for (int i = 0; i < 256; i++) {
            offerUser();
        }
        close(1);
        assertThat(offerUser()).isFalse();
        assertThat(service.nextDeadline()).isEqualTo(now + TimeUnit.SECONDS.toNanos(30));

        now += TimeUnit.SECONDS.toNanos(30);
        service.timePassed(now, out);

        assertThat(out).contains(new ServiceOrder.RoomForUser());
        assertThat(offerUser()).isTrue();
        reopen(2, CLIENT, 0);
        assertThat(opened(2).nextEvent()).isEqualTo(2);
    }

    @Test
    void s3_events_of_the_host_are_delivered_once_and_acknowledged_within_100_ms() {
        open(1, CLIENT);
        hear(1, hostEvent(1, EventKind.USER));
        hear(1, hostEvent(1, EventKind.USER));
        hear(1, hostEvent(4, EventKind.CONFIG_CHANGED));

        assertThat(out)
                .containsExactly(
                        new ServiceOrder.Deliver(CLIENT, hostEvent(1, EventKind.USER)),
                        new ServiceOrder.Gap(CLIENT, 2, 3),
                        new ServiceOrder.Deliver(CLIENT, hostEvent(4, EventKind.CONFIG_CHANGED)));
        assertThat(service.duplicateEvents()).isEqualTo(1);
        out.clear();
        now = service.nextDeadline();
        assertThat(now).isEqualTo(1000 + TimeUnit.MILLISECONDS.toNanos(100));
        service.timePassed(now, out);
        assertThat(sent(1)).containsExactly(new EventAck(CLIENT, 4));
    }

    @Test
    void s3_the_next_opening_says_which_of_the_hosts_events_were_seen() {
        open(1, CLIENT);
        hear(1, hostEvent(5, EventKind.USER));
        close(1);

        reopen(2, CLIENT, 0);

        assertThat(opened(2).resumeAfterEvent()).isEqualTo(5);
    }

    @Test
    void s3_an_event_or_acknowledgement_of_another_epoch_is_dropped_and_counted() {
        open(1, CLIENT);
        raise(EventKind.CPU_ONLINE);
        out.clear();
        hear(1, new EventNotify(GUEST, 1, EventKind.USER, DeviceReference.NONE, Bytes.EMPTY, 0, 0));
        hear(1, new EventAck(CLIENT, 1));

        assertThat(out).isEmpty();
        assertThat(service.foreignEvents()).isEqualTo(2);
    }

    @Test
    void s3_a_host_sends_user_and_config_changed_and_nothing_else() {
        open(1, CLIENT);
        hear(1, hostEvent(1, EventKind.CPU_ONLINE));

        assertThat(closeReason()).isEqualTo(CloseReason.UNDECODABLE);
    }

    @Test
    void s3_a_terminal_event_closes_when_it_is_acknowledged() {
        open(1, CLIENT);
        service.leave(EventKind.VM_SHUTDOWN, 0, now, out);
        assertThat(out).hasSize(1);
        assertThat(service.plainRequest(1)).isFalse();

        hear(1, new EventAck(GUEST, 1));

        assertThat(closeReason()).isEqualTo(CloseReason.LEFT);
    }

    @Test
    void s3_a_terminal_event_closes_after_500_ms_without_acknowledgement() {
        open(1, CLIENT);
        service.leave(EventKind.APP_EXIT, 0, now, out);
        now += TimeUnit.MILLISECONDS.toNanos(500) - 1;
        service.timePassed(now, out);
        assertThat(out).hasSize(1);
        assertThat(service.nextDeadline()).isEqualTo(now + 1);

        service.timePassed(now + 1, out);

        assertThat(closeReason()).isEqualTo(CloseReason.LEFT);
        assertThat(service.nextDeadline()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void s3_after_a_terminal_event_nothing_is_executed_and_what_runs_may_finish() {
        open(1, CLIENT);
        hear(1, once(CLIENT, 1));
        service.leave(EventKind.APP_EXIT, 0, now, out);
        out.clear();
        hear(1, once(CLIENT, 2));
        assertThat(out).isEmpty();

        service.executed(CLIENT, 1, DONE, out);

        assertThat(sent(1)).containsExactly(new OnceReply(1, false, DONE));
    }

    @Test
    void s3_an_event_raised_since_an_eviction_is_kept_although_once_lost_has_to_be_told_again() {
        reopen(1, CLIENT, 5);
        assertThat(opened(1).onceLost()).isTrue();
        close(1);
        raise(EventKind.CPU_ONLINE);

        reopen(2, CLIENT, 0);

        assertThat(opened(2).onceLost()).isTrue();
        assertThat(opened(2).nextEvent()).isEqualTo(1);
        assertThat(sequences(2)).containsExactly(1L);
    }
}
