package dev.upcall.proto.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.guest.Cpus;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Outcome.UnknownCause;
import dev.upcall.proto.session.request.Pending;
import dev.upcall.proto.session.request.SendTerms;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/// A deadline is not a loss: the operation still runs, and its reply is the truth (`upcall-wire` 5.7).
class OverdueTest {

    private static final Duration CPU_DEADLINE = Duration.ofSeconds(25);

    @Test
    void the_caller_is_told_unknown_at_the_deadline_and_the_connection_is_kept() {
        Play play = Play.connected();
        Pending out = play.submits(Play.addCpu(4));

        play.passes(CPU_DEADLINE);

        assertThat(play.unknown(out)).isEqualTo(UnknownCause.REPLY_DEADLINE);
        assertThat(play.state()).isEqualTo("Overdue");
        assertThat(play.ordered).hasSize(1);
        assertThat(play.session.picture().inDoubt()).containsExactly(new ApicId(4));
    }

    @Test
    void nothing_else_is_sent_meanwhile() {
        Play play = Play.connected();
        play.submits(Play.addCpu(4));
        play.passes(CPU_DEADLINE);

        Pending next = play.submits(Play.ADD_PCI);

        assertThat(play.transmitted()).isEmpty();
        assertThat(play.answers(0).transmitted()).containsExactly(next.request());
    }

    @Test
    void the_late_reply_settles_the_picture_and_tells_whoever_asked() {
        Play play = Play.connected();
        Pending out = play.submits(Play.addCpu(4));

        play.passes(CPU_DEADLINE).later(Duration.ofSeconds(30)).answers(0);

        assertThat(play.lateOutcomes(out)).containsExactly(new Outcome.Done(OptionalInt.of(1)));
        assertThat(play.outcomes(out)).hasSize(1);
        assertThat(play.session.picture()).isEqualTo(Cpus.picture(0, 1, 2, 3, 4));
        assertThat(play.state()).isEqualTo("Connected");
    }

    @Test
    void a_late_refusal_makes_the_connection_dirty() {
        Play play = Play.connected();
        play.submits(Play.addCpu(4));
        play.passes(CPU_DEADLINE).answers(-5);

        play.submits(Play.ADD_PCI);

        assertThat(play.ordered).containsExactly(new Action.DropTransport(1));
    }

    @Test
    void a_reply_that_never_comes_ends_the_connection_after_a_minute() {
        Play play = Play.connected();
        Pending out = play.submits(Play.addCpu(4));
        play.passes(CPU_DEADLINE);
        assertThat(play.session.nextDeadline()).isEqualTo(play.now + SessionRules.OVERDUE_MAX.toNanos());

        play.passes(SessionRules.OVERDUE_MAX);

        assertThat(play.ordered).containsExactly(new Action.DropTransport(1));
        assertThat(play.trouble().kind()).isEqualTo(Trouble.Kind.NO_LATE_REPLY);
        assertThat(play.session.picture().stale()).isTrue();
        assertThat(play.outcomes(out)).hasSize(1);
        assertThat(play.lateOutcomes(out)).isEmpty();
    }

    @Test
    void a_loss_while_overdue_leaves_the_outcome_unknown() {
        Play play = Play.connected();
        Pending out = play.submits(Play.addCpu(4));

        play.passes(CPU_DEADLINE).closes();

        assertThat(play.outcomes(out)).hasSize(1);
        assertThat(play.lateOutcomes(out)).isEmpty();
        assertThat(play.session.picture().inDoubt()).containsExactly(new ApicId(4));
        assertThat(play.state()).isEqualTo("Reconnecting");
    }

    @Test
    void a_frame_that_is_no_reply_ends_the_connection() {
        Play play = Play.connected();
        play.submits(Play.addCpu(4));

        play.passes(CPU_DEADLINE).happens(new Event.FrameArrived(1, Play.frame(2, 0, 0, 0)));

        assertThat(play.trouble().kind()).isEqualTo(Trouble.Kind.MISBEHAVED);
    }

    @Test
    void closing_while_overdue_tells_nobody_anything_twice() {
        Play play = Play.connected();
        Pending out = play.submits(Play.addCpu(4));

        play.passes(CPU_DEADLINE).happens(new Event.CloseAsked());

        assertThat(play.outcomes(out)).hasSize(1);
        assertThat(play.ordered).containsExactly(new Action.DropTransport(1));
    }

    @Test
    void a_picture_given_while_overdue_does_not_settle_what_the_guest_is_still_doing() {
        Play play = Play.connected();
        play.submits(Play.delCpu(3));
        play.passes(CPU_DEADLINE);

        play.happens(new Event.PictureGiven(Cpus.picture(0, 1, 2, 3)));
        assertThat(play.session.picture().inDoubt()).containsExactly(new ApicId(3));

        assertThat(play.answers(0).session.picture().presentInSlotOrder()).isEqualTo(Cpus.ids(0, 1, 2));
    }

    @Test
    void a_late_answer_to_a_repeated_addition_is_read_like_one_in_time() {
        assertThat(lateAnswerToCopy(Play.RECOVERING, -17))
                .first()
                .extracting(o -> ((Outcome.Unknown) o).cause())
                .isEqualTo(UnknownCause.PROBABLY_DONE);
        assertThat(lateAnswerToCopy(Play.RECOVERING, 0)).containsExactly(Outcome.Done.PLAIN);
        assertThat(lateAnswerToCopy(Play.RECOVERING, -16)).containsExactly(new Outcome.Refused(-16));
    }

    @Test
    void a_late_answer_to_clearing_says_absent_only_when_the_window_is_gone() {
        assertThat(lateAnswerToClearing(0)).containsExactly(new Outcome.Absent());
        assertThat(lateAnswerToClearing(-19)).containsExactly(new Outcome.Absent());
        assertThat(lateAnswerToClearing(-22)).first().isInstanceOf(Outcome.Unknown.class);
    }

    private static List<Outcome> lateAnswerToCopy(SendTerms terms, int result) {
        Play play = Play.connected();
        Pending out = play.submits(Play.ADD_MMIO, terms);
        play.closes().passes(Duration.ZERO).reach().passes(Duration.ofSeconds(25));
        play.passes(Duration.ofSeconds(15)).answers(result);
        assertThat(play.transmitted()).isEmpty();
        return play.lateOutcomes(out);
    }

    private static List<Outcome> lateAnswerToClearing(int result) {
        Play play = Play.connected();
        Pending out = play.submits(
                Play.ADD_MMIO, new SendTerms(0, Duration.ofMinutes(5).toNanos(), false, false, true));
        play.closes()
                .passes(Duration.ZERO)
                .reach()
                .passes(Duration.ofSeconds(25))
                .answers(-17);
        play.passes(Duration.ofSeconds(15)).answers(result);
        assertThat(play.transmitted()).isEmpty();
        return play.lateOutcomes(out);
    }
}
