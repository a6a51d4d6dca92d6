package dev.upcall.proto.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.session.Outcome.NotSentCause;
import dev.upcall.proto.session.Outcome.UnknownCause;
import dev.upcall.proto.session.Trouble.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/// Requests come in, wait, leave one at a time, and end.
class QueueingTest {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void a_request_leaves_at_once_when_the_guest_is_idle() {
        Play play = Play.connected();
        Pending add = play.submits(Play.addCpu(4));
        assertThat(play.ordered).containsExactly(new Action.Transmit(1, Play.addCpu(4)));
        assertThat(play.state()).isEqualTo("ServiceBusy");

        play.answers(0);

        assertThat(play.outcome(add)).isEqualTo(new Outcome.Done(OptionalInt.of(1)));
        assertThat(play.state()).isEqualTo("Connected");
    }

    @Test
    void a_refusal_is_an_answer_and_keeps_the_connection() {
        Play play = Play.connected();
        Pending add = play.submits(Play.addCpu(4));

        play.answers(-5);

        assertThat(play.outcome(add)).isEqualTo(new Outcome.Refused(-5));
        assertThat(play.state()).isEqualTo("Connected");
    }

    @Test
    void requests_leave_one_at_a_time_in_the_order_they_came() {
        Play play = Play.begun().start();
        List<Pending> all = new ArrayList<>();
        for (int id = 4; id < 8; id++) {
            all.add(play.submits(Play.addCpu(id)));
        }

        play.reach();

        for (int id = 4; id < 8; id++) {
            assertThat(play.transmitted()).containsExactly(Play.addCpu(id));
            play.answers(0);
        }
        assertThat(play.transmitted()).isEmpty();
        assertThat(all).allSatisfy(p -> assertThat(play.outcome(p)).isInstanceOf(Outcome.Done.class));
    }

    @Test
    void the_queue_has_a_limit_and_names_it() {
        Play play = Play.connected();
        play.submits(Play.ADD_MMIO);
        for (int i = 0; i < 4; i++) {
            play.submits(Play.ADD_MMIO);
        }
        assertThat(play.session.queueLength()).isEqualTo(4);

        Pending tooMany = play.submits(Play.ADD_MMIO);

        assertThat(play.outcome(tooMany))
                .isEqualTo(new Outcome.NotSent(NotSentCause.QUEUE_FULL, "4 requests wait already"));
        assertThat(play.session.queueLength()).isEqualTo(4);
    }

    @Test
    void who_does_not_want_to_wait_is_told_that_the_guest_is_busy() {
        Play play = Play.connected();
        play.submits(Play.ADD_MMIO);

        Pending second = play.submits(Play.ADD_MMIO, Play.FAIL_IF_BUSY);

        assertThat(play.notSent(second)).isEqualTo(NotSentCause.BUSY);
        assertThat(((Outcome.NotSent) play.outcome(second)).why()).contains("ADD_MMIO", "is out");
    }

    @Test
    void who_does_not_want_to_wait_is_served_when_the_guest_is_idle() {
        Play play = Play.connected();

        assertThat(play.outcomes(play.submits(Play.ADD_MMIO, Play.FAIL_IF_BUSY)))
                .isEmpty();
        assertThat(play.state()).isEqualTo("ServiceBusy");
    }

    @Test
    void who_does_not_want_to_wait_is_refused_while_there_is_no_connection() {
        assertBusy(Play.begun());
        assertBusy(Play.begun().start());
        assertBusy(Play.connected().closes());
    }

    @Test
    void a_request_whose_time_passes_in_the_queue_never_leaves() {
        Play play = Play.connected();
        play.submits(Play.ADD_MMIO);
        Pending second = play.submits(Play.DEL_MMIO, SendTerms.DEFAULT, Duration.ofSeconds(3));
        assertThat(play.session.nextDeadline()).isEqualTo(Duration.ofSeconds(3).toNanos());

        play.passes(Duration.ofSeconds(3));

        assertThat(play.notSent(second)).isEqualTo(NotSentCause.EXPIRED);
        assertThat(play.answers(0).transmitted()).isEmpty();
    }

    @Test
    void a_request_whose_time_has_passed_does_not_leave_although_the_driver_noticed_late() {
        Play play = Play.connected();
        play.submits(Play.ADD_MMIO);
        Pending second = play.submits(Play.DEL_MMIO, SendTerms.DEFAULT, Duration.ofSeconds(3));

        play.later(Duration.ofSeconds(4)).answers(0);

        assertThat(play.transmitted()).isEmpty();
        assertThat(play.notSent(second)).isEqualTo(NotSentCause.EXPIRED);
        assertThat(play.state()).isEqualTo("Connected");
    }

    @Test
    void a_request_that_waited_for_a_connection_in_vain_says_why_there_was_none() {
        Play play = Play.begun().start();
        Pending waiting = play.submits(Play.ADD_MMIO, SendTerms.DEFAULT, SECOND);
        play.happens(new Event.DialFailed(1, Trouble.of(Kind.NO_SOCKET_FILE)));

        play.passes(SECOND);

        assertThat(play.notSent(waiting)).isEqualTo(NotSentCause.NOT_CONNECTED);
        assertThat(((Outcome.NotSent) play.outcome(waiting)).why()).contains("socket file does not exist");
    }

    @Test
    void a_request_that_expires_while_the_guest_is_dialled_again_says_what_ended_the_dial_before() {
        Play play = Play.begun().start();
        Pending first = play.submits(Play.ADD_MMIO, SendTerms.DEFAULT, SECOND);
        Pending second = play.submits(Play.ADD_MMIO, SendTerms.DEFAULT, SECOND.plusMillis(1));
        play.happens(new Event.DialFailed(1, Trouble.of(Kind.CONNECT_REFUSED)));
        play.passes(Duration.ZERO);

        play.passes(SECOND);
        play.happens(new Event.TransportOpened(2));
        play.happens(new Event.ServerAccepted(2));
        play.passes(Duration.ofMillis(1));

        assertThat(play.state()).isEqualTo("WaitingService");
        assertThat(((Outcome.NotSent) play.outcome(first)).why())
                .contains("still waiting for the VMM; before: the address exists but nobody listens");
        assertThat(((Outcome.NotSent) play.outcome(second)).why())
                .contains("upcall service; before: the address exists but nobody listens");
    }

    @Test
    void a_request_that_expires_during_the_first_dial_has_nothing_to_say_of_one_before() {
        Play play = Play.begun().start();
        Pending waiting = play.submits(Play.ADD_MMIO, SendTerms.DEFAULT, SECOND);

        play.passes(SECOND);

        assertThat(((Outcome.NotSent) play.outcome(waiting)).why()).endsWith("still waiting for the VMM");
    }

    @Test
    void time_passing_before_a_limit_ends_nothing() {
        Play play = Play.begun();
        Pending waiting = play.submits(Play.ADD_MMIO, SendTerms.DEFAULT, SECOND);

        play.passes(SECOND.minusNanos(1));

        assertThat(play.outcomes(waiting)).isEmpty();
    }

    @Test
    void a_waiting_request_can_be_cancelled() {
        Play play = Play.connected();
        play.submits(Play.ADD_MMIO);
        Pending second = play.submits(Play.DEL_MMIO);
        Pending third = play.submits(Play.ADD_PCI);

        play.happens(new Event.RequestCancelled(second.ticket()));

        assertThat(play.notSent(second)).isEqualTo(NotSentCause.CANCELLED);
        assertThat(play.answers(0).transmitted()).containsExactly(third.request());
    }

    @Test
    void a_request_that_is_out_cannot_be_cancelled_and_neither_can_an_unknown_one() {
        Play play = Play.connected();
        Pending out = play.submits(Play.ADD_MMIO);

        play.happens(new Event.RequestCancelled(out.ticket())).happens(new Event.RequestCancelled("nobody"));

        assertThat(play.outcomes(out)).isEmpty();
        assertThat(play.answers(0).outcome(out)).isEqualTo(Outcome.Done.PLAIN);
    }

    @Test
    void closing_while_busy_ends_every_request_with_its_truth() {
        Play play = Play.connected();
        Pending out = play.submits(Play.addCpu(4));
        Pending waiting = play.submits(Play.ADD_MMIO);

        play.happens(new Event.CloseAsked());

        assertThat(play.unknown(out)).isEqualTo(UnknownCause.CLOSED);
        assertThat(play.notSent(waiting)).isEqualTo(NotSentCause.CLOSED);
        assertThat(play.notSent(play.submits(Play.ADD_MMIO))).isEqualTo(NotSentCause.CLOSED);
        assertThat(play.session.picture().inDoubt()).hasSize(1);
    }

    @Test
    void a_loss_while_busy_makes_the_outcome_unknown_and_the_next_request_waits() {
        Play play = Play.connected();
        Pending out = play.submits(Play.addCpu(4));
        Pending next = play.submits(Play.ADD_MMIO);

        play.closes();

        assertThat(play.unknown(out)).isEqualTo(UnknownCause.CONNECTION_LOST);
        assertThat(play.ordered).last().isEqualTo(new Action.DropTransport(1));
        assertThat(play.passes(Duration.ZERO).reach().transmitted()).containsExactly(next.request());
    }

    @Test
    void a_reply_that_is_none_ends_the_request_as_misbehaved_and_the_connection_with_it() {
        for (var wrong : List.of(Play.frame(2, 0, 0, 0), Play.frame(5, 8, 0, 0), Play.connect())) {
            Play play = Play.connected();
            Pending out = play.submits(Play.ADD_MMIO, Play.RECOVERING);

            play.happens(new Event.FrameArrived(1, wrong));

            assertThat(play.outcome(out)).isInstanceOf(Outcome.Misbehaved.class);
            assertThat(play.outcome(out).mayHaveTakenEffect()).isTrue();
            assertThat(play.trouble().kind()).isEqualTo(Kind.MISBEHAVED);
        }
    }

    @Test
    void an_unsafe_request_ends_at_the_moment_it_would_leave_and_the_next_one_leaves() {
        Play play = Play.connected();
        Pending first = play.submits(Play.delCpu(3));
        Pending again = play.submits(Play.delCpu(3));
        Pending third = play.submits(Play.ADD_MMIO);

        play.answers(0);

        assertThat(play.outcome(first)).isInstanceOf(Outcome.Done.class);
        assertThat(play.outcome(again)).isInstanceOf(Outcome.Unsafe.class);
        assertThat(play.outcome(again).mayHaveTakenEffect()).isFalse();
        assertThat(play.transmitted()).containsExactly(third.request());
    }

    @Test
    void an_explicit_override_sends_what_would_be_held_back() {
        Play play = Play.connected();

        play.submits(Play.delCpu(77), new SendTerms(0, 0, false, true, false));

        assertThat(play.transmitted()).containsExactly(Play.delCpu(77));
    }

    @Test
    void a_caller_may_set_the_reply_deadline() {
        Play play = Play.connected();
        play.submits(Play.ADD_MMIO, new SendTerms(42, 0, false, false, false));

        assertThat(play.session.nextDeadline()).isEqualTo(play.now + 42);
    }

    @Test
    void the_profile_sets_the_reply_deadline_otherwise() {
        Play play = Play.connected();
        play.submits(Play.ADD_MMIO);

        assertThat(play.session.nextDeadline())
                .isEqualTo(play.now + Duration.ofSeconds(15).toNanos());
    }

    @Test
    void what_has_not_ended_is_the_one_that_is_out_and_then_those_that_wait() {
        Play play = Play.connected();
        Pending out = play.submits(Play.ADD_MMIO);
        Pending waiting = play.submits(Play.ADD_PCI);
        assertThat(play.session.unfinished())
                .extracting(Pending::ticket)
                .containsExactly(out.ticket(), waiting.ticket());

        play.passes(Duration.ofSeconds(15));
        assertThat(play.session.unfinished())
                .as("who is overdue was told")
                .extracting(Pending::ticket)
                .containsExactly(waiting.ticket());

        play.session = play.session.abandoned();
        assertThat(play.state()).isEqualTo("Closed");
        assertThat(play.session.unfinished()).isEmpty();
        assertThat(play.session.nextDeadline()).isEqualTo(Long.MAX_VALUE);
    }

    private static void assertBusy(Play play) {
        assertThat(play.notSent(play.submits(Play.ADD_MMIO, Play.FAIL_IF_BUSY, HOUR)))
                .isEqualTo(NotSentCause.BUSY);
    }
}
