package dev.upcall.proto.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.guest.Deadlines;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.guest.Safety;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Outcome.UnknownCause;
import dev.upcall.proto.session.request.Pending;
import dev.upcall.proto.session.request.SendTerms;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// A lost reply is not a success and not a failure (`upcall-wire` 5.7).
class LostReplyTest {

    private static final Duration HOLD_OFF = Duration.ofSeconds(25);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final SendTerms REMAKING =
            new SendTerms(0, Duration.ofMinutes(5).toNanos(), false, false, true);

    @Test
    void nothing_is_repeated_unless_the_caller_allows_time_for_it() {
        for (Request request : new Request[] {Play.ADD_MMIO, Play.DEL_MMIO, Play.ADD_PCI, Play.DEL_PCI}) {
            Play play = Play.connected();
            Pending out = play.submits(request);

            assertThat(play.closes().unknown(out)).isEqualTo(UnknownCause.CONNECTION_LOST);
        }
    }

    @Test
    void a_cpu_request_is_never_repeated() {
        for (Request request : new Request[] {Play.addCpu(4), Play.delCpu(3)}) {
            Play play = Play.connected();
            Pending out = play.submits(request, Play.RECOVERING);

            assertThat(play.closes().unknown(out)).isEqualTo(UnknownCause.CONNECTION_LOST);
            assertThat(play.passes(Duration.ZERO).reach().passes(HOLD_OFF).transmitted())
                    .isEmpty();
        }
    }

    @Test
    void mmio_is_repeated_25_seconds_after_it_left_and_not_a_moment_earlier() {
        Play play = Play.connected();
        Pending out = play.submits(Play.ADD_MMIO, Play.RECOVERING);
        play.later(SECOND).closes().passes(Duration.ZERO).reach();
        assertThat(play.outcomes(out)).isEmpty();
        assertThat(play.session.nextDeadline()).isEqualTo(HOLD_OFF.toNanos());

        assertThat(play.passes(HOLD_OFF.minus(SECOND).minusNanos(1)).transmitted())
                .isEmpty();
        assertThat(play.passes(Duration.ofNanos(1)).transmitted()).containsExactly(Play.ADD_MMIO);
        assertThat(play.answers(0).outcome(out)).isEqualTo(Outcome.Done.PLAIN);
    }

    @Test
    void others_wait_behind_a_copy_that_is_held_off() {
        Play play = Play.connected();
        play.submits(Play.ADD_MMIO, Play.RECOVERING);
        play.closes().passes(Duration.ZERO).reach();

        Pending other = play.submits(Play.addCpu(4));
        Pending hasty = play.submits(Play.addCpu(5), Play.FAIL_IF_BUSY);

        assertThat(play.transmitted()).isEmpty();
        assertThat(play.notSent(hasty)).isEqualTo(Outcome.NotSentCause.BUSY);
        assertThat(play.passes(HOLD_OFF).transmitted()).containsExactly(Play.ADD_MMIO);
        assertThat(play.answers(0).transmitted()).containsExactly(other.request());
    }

    @Test
    void pci_is_repeated_at_once_on_the_fresh_connection() {
        Play play = Play.connected();
        Pending out = play.submits(Play.ADD_PCI, Play.RECOVERING);

        play.closes().passes(Duration.ZERO).reach();

        assertThat(play.transmitted()).containsExactly(Play.ADD_PCI);
        assertThat(play.answers(0).outcome(out)).isEqualTo(Outcome.Done.PLAIN);
    }

    @Test
    void a_repeated_removal_that_finds_nothing_says_absent_and_not_removed() {
        Play play = repeating(Play.DEL_MMIO, Play.RECOVERING);
        Pending out = play.out();

        assertThat(play.answers(-19).outcome(out)).isEqualTo(new Outcome.Absent());
    }

    @Test
    void a_repeated_addition_that_finds_its_window_taken_is_probably_done_and_no_success() {
        Play play = repeating(Play.ADD_MMIO, Play.RECOVERING);
        Pending out = play.out();

        assertThat(play.answers(-17).unknown(out)).isEqualTo(UnknownCause.PROBABLY_DONE);
    }

    @Test
    void a_repeated_addition_refused_for_another_reason_is_refused() {
        Play play = repeating(Play.ADD_MMIO, Play.RECOVERING);
        Pending out = play.out();

        assertThat(play.answers(-16).outcome(out)).isEqualTo(new Outcome.Refused(-16));
    }

    @Test
    void a_first_addition_refused_with_the_same_number_is_plainly_refused() {
        Play play = Play.connected();
        Pending out = play.submits(Play.ADD_MMIO, REMAKING);

        assertThat(play.answers(-17).outcome(out)).isEqualTo(new Outcome.Refused(-17));
    }

    @Test
    void with_leave_to_remake_the_window_is_cleared_and_added_again_and_the_last_answer_counts() {
        Play play = repeating(Play.ADD_MMIO, REMAKING);
        Pending out = play.out();

        assertThat(play.answers(-17).transmitted()).containsExactly(Play.DEL_MMIO);
        assertThat(play.outcomes(out)).isEmpty();
        assertThat(play.answers(0).transmitted()).containsExactly(Play.ADD_MMIO);
        assertThat(play.answers(0).outcome(out)).isEqualTo(Outcome.Done.PLAIN);
    }

    @Test
    void clearing_a_window_that_is_not_there_goes_on_and_tells_the_refusal() {
        Play play = repeating(Play.ADD_MMIO, REMAKING);
        Pending out = play.out();

        assertThat(play.answers(-17).answers(-19).transmitted()).containsExactly(Play.ADD_MMIO);
        assertThat(play.answers(-17).outcome(out)).isEqualTo(new Outcome.Refused(-17));
    }

    @Test
    void a_window_that_cannot_be_cleared_stays_unknown() {
        Play play = repeating(Play.ADD_MMIO, REMAKING);
        Pending out = play.out();

        assertThat(play.answers(-17).answers(-22).unknown(out)).isEqualTo(UnknownCause.PROBABLY_DONE);
    }

    @Test
    void a_loss_while_clearing_or_restoring_begins_again_with_clearing_after_the_hold_off() {
        for (int answersBeforeLoss = 1; answersBeforeLoss <= 2; answersBeforeLoss++) {
            Play play = repeating(Play.ADD_MMIO, REMAKING);
            Pending out = play.out();
            play.answers(-17);
            if (answersBeforeLoss == 2) {
                play.answers(0);
            }

            play.closes().passes(Duration.ZERO).reach();
            assertThat(play.transmitted()).isEmpty();
            assertThat(play.passes(HOLD_OFF).transmitted()).containsExactly(Play.DEL_MMIO);

            assertThat(play.answers(-19).transmitted()).containsExactly(Play.ADD_MMIO);
            assertThat(play.answers(0).outcome(out)).isEqualTo(Outcome.Done.PLAIN);
        }
    }

    @Test
    void the_own_wire_is_not_cleared_away() {
        Safety safety = new Safety(GuestProfile.KATA_6_12, Set.of(), Set.of(Play.DEVICE));
        Play play = Play.begun(new SessionRules(true, Deadlines.DEFAULT, ReconnectPolicy.DEFAULT, safety, 4))
                .start()
                .reach();
        Pending out = play.submits(Play.ADD_MMIO, REMAKING);
        play.closes().passes(Duration.ZERO).reach().passes(HOLD_OFF).answers(-17);

        assertThat(play.transmitted()).isEmpty();
        assertThat(play.unknown(out)).isEqualTo(UnknownCause.PROBABLY_DONE);
        assertThat(play.outcome(out).mayHaveTakenEffect()).isTrue();
    }

    @Test
    void a_copy_is_given_up_when_the_callers_time_is_over_and_its_outcome_is_unknown() {
        Play play = Play.connected();
        Pending out = play.submits(Play.ADD_MMIO, Play.RECOVERING);
        play.closes();

        play.passes(Duration.ofMinutes(1));

        assertThat(play.unknown(out)).isEqualTo(UnknownCause.CONNECTION_LOST);
        assertThat(play.session.queueLength()).isZero();
    }

    @Test
    void a_hold_off_longer_than_the_callers_time_is_not_begun() {
        Play play = Play.connected();
        Pending out = play.submits(Play.ADD_MMIO, new SendTerms(0, HOLD_OFF.toNanos(), false, false, false));

        assertThat(play.closes().unknown(out)).isEqualTo(UnknownCause.CONNECTION_LOST);
    }

    @Test
    void cancelling_or_closing_while_a_copy_waits_makes_the_outcome_unknown() {
        Play cancelled = Play.connected();
        Pending first = cancelled.submits(Play.ADD_MMIO, Play.RECOVERING);
        cancelled.closes().happens(new Event.RequestCancelled(first.ticket()));
        assertThat(cancelled.unknown(first)).isEqualTo(UnknownCause.CLOSED);

        Play closed = Play.connected();
        Pending second = closed.submits(Play.ADD_MMIO, Play.RECOVERING);
        closed.closes().happens(new Event.CloseAsked());
        assertThat(closed.unknown(second)).isEqualTo(UnknownCause.CLOSED);
    }

    @Test
    void a_copy_comes_back_although_the_queue_is_full() {
        Play play = Play.connected();
        Pending out = play.submits(Play.ADD_PCI, Play.RECOVERING);
        for (int i = 0; i < 4; i++) {
            play.submits(Play.ADD_PCI);
        }

        play.closes();

        assertThat(play.outcomes(out)).isEmpty();
        assertThat(play.session.queueLength()).isEqualTo(5);
    }

    /// A request whose reply was lost once and whose second copy is out now.
    private static Play repeating(Request request, SendTerms terms) {
        Play play = Play.connected();
        play.submits(request, terms);
        play.closes().passes(Duration.ZERO).reach().passes(HOLD_OFF);
        assertThat(play.transmitted()).containsExactly(request);
        return play;
    }
}
