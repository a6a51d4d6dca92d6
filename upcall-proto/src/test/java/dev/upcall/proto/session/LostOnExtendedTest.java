package dev.upcall.proto.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.ExecuteOnce;
import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.InventoryRequest;
import dev.upcall.proto.guest.Cpus;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.session.extended.News;
import dev.upcall.proto.session.extended.Wish;
import dev.upcall.proto.session.extended.WishAnswer;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Pending;
import dev.upcall.proto.session.request.SendTerms;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/// What becomes of requests to a guest that can tell (§4, §5 of "Extended guests").
class LostOnExtendedTest {

    private static final Features PLAIN_BUT_INVENTORY = Features.of(Feature.LIVENESS, Feature.INVENTORY);

    // ------------------------------------------------------------------ §4 inventory

    @Test
    void an_inventory_answers_whoever_asked_and_corrects_the_picture_4() {
        Meeting meeting = Meeting.opened();
        meeting.cpus.addAll(Cpus.ids(9));
        meeting.happens(new Event.Wished(new Wish.AskInventory("one", Long.MAX_VALUE - 1)));

        assertThat(meeting.answers).hasSize(1);
        assertThat(meeting.answers.getFirst())
                .isInstanceOfSatisfying(
                        WishAnswer.Inventoried.class,
                        a -> assertThat(a.inventory().cpus().present()).hasSize(5));
        assertThat(meeting.play.session.picture().present()).hasSize(5);
    }

    @Test
    void an_inventory_that_never_stands_still_is_unstable_4() {
        Meeting meeting = Meeting.opened();
        for (int i = 0; i < 200; i++) {
            meeting.windows.add(MmioDevice.of(0x1_0000_0000L + i * 0x1000L, 0x1000, 5));
        }
        meeting.restless = true;
        meeting.happens(new Event.Wished(new Wish.AskInventory("one", Long.MAX_VALUE - 1)));

        assertThat(meeting.answers).hasSize(1);
        assertThat(meeting.answers.getFirst())
                .isInstanceOfSatisfying(
                        WishAnswer.Denied.class, d -> assertThat(d.cause()).isEqualTo(WishAnswer.Cause.UNSTABLE));
        assertThat(meeting.sent.stream().filter(InventoryRequest.FIRST::equals))
                .as("begun once and restarted eight times, beside the one of the opening")
                .hasSize(1 + 9);
        assertThat(meeting.play.state()).isEqualTo("Connected");
    }

    @Test
    void without_execute_once_the_picture_is_taken_before_a_removal_4() {
        Meeting meeting = Meeting.opened(PLAIN_BUT_INVENTORY);
        meeting.cut();
        Pending del = meeting.submits(Play.delCpu(3));

        assertThat(meeting.play.outcome(del)).isEqualTo(new Outcome.Done(OptionalInt.of(1)));

        Pending absent = meeting.submits(Play.delCpu(3));
        assertThat(meeting.play.outcome(absent)).isInstanceOf(Outcome.Unsafe.class);
    }

    @Test
    void a_lost_plain_request_that_was_carried_out_is_settled_by_the_inventory_4() {
        Meeting meeting = Meeting.opened(PLAIN_BUT_INVENTORY);
        meeting.loseReply = true;
        Pending add = meeting.submits(Play.addCpu(7));

        assertThat(meeting.play.outcome(add)).isEqualTo(Outcome.Done.PLAIN);
        assertThat(meeting.carriedOut).hasSize(1);
        assertThat(meeting.devices()).containsExactlyElementsOf(Pulse.devices(Play.addCpu(7)));
    }

    @Test
    void a_lost_plain_request_is_asked_about_again_while_something_runs_4() {
        Meeting meeting = Meeting.opened(PLAIN_BUT_INVENTORY);
        meeting.slow = true;
        Pending add = meeting.submits(Play.addCpu(7));
        meeting.cut().passes(Duration.ofSeconds(5));
        assertThat(meeting.play.outcomes(add)).isEmpty();

        meeting.slow = false;
        meeting.finish();
        meeting.passes(Duration.ofSeconds(1));

        assertThat(meeting.play.outcome(add)).isEqualTo(Outcome.Done.PLAIN);
        assertThat(meeting.carriedOut).hasSize(1);
    }

    @Test
    void a_lost_request_that_nothing_settles_until_its_deadline_is_unknown_4() {
        Meeting meeting = Meeting.opened(PLAIN_BUT_INVENTORY);
        meeting.slow = true;
        Pending add = meeting.submits(Play.addCpu(7));
        meeting.cut().passes(Duration.ofMinutes(2));

        assertThat(meeting.play.unknown(add)).isEqualTo(Outcome.UnknownCause.CONNECTION_LOST);
    }

    // ------------------------------------------------------------------ §5 exactly once

    @Test
    void every_hot_plug_request_leaves_as_execute_once_5() {
        Meeting meeting = Meeting.opened();
        meeting.submits(Play.ADD_MMIO);

        assertThat(meeting.sent)
                .anySatisfy(m -> assertThat(m)
                        .isInstanceOfSatisfying(
                                ExecuteOnce.class,
                                once -> assertThat(once.requestId()).isOne()));
    }

    @Test
    void a_lost_reply_is_asked_for_under_the_same_id_and_nothing_runs_twice_5() {
        Meeting meeting = Meeting.opened();
        meeting.loseReply = true;
        Pending add = meeting.submits(Play.ADD_MMIO);

        assertThat(meeting.play.outcome(add)).isEqualTo(Outcome.Done.PLAIN);
        assertThat(meeting.carriedOut).hasSize(1);
        assertThat(meeting.news(News.Replayed.class)).hasSize(1);
    }

    @Test
    void a_repeat_waits_while_the_first_copy_still_runs_5() {
        Meeting meeting = Meeting.opened();
        meeting.slow = true;
        Pending add = meeting.submits(Play.addCpu(7));
        meeting.cut().passes(Duration.ofSeconds(5));
        assertThat(meeting.play.state()).isEqualTo("ServiceBusy");

        meeting.finish();

        assertThat(meeting.play.outcome(add)).isEqualTo(new Outcome.Done(OptionalInt.of(1)));
        assertThat(meeting.carriedOut).hasSize(1);
    }

    @Test
    void a_guest_killed_before_its_reply_is_reported_as_a_restart_and_never_repeated_5() {
        Meeting meeting = Meeting.opened();
        meeting.slow = true;
        Pending add = meeting.submits(Play.ADD_MMIO);
        meeting.slow = false;
        meeting.restart(true).cut();

        assertThat(meeting.play.outcome(add))
                .isInstanceOfSatisfying(
                        Outcome.GuestRestarted.class, o -> assertThat(o.now()).isEqualTo(Outcome.Now.AS_BEFORE));
        assertThat(meeting.carriedOut).isEmpty();
    }

    @Test
    void without_an_inventory_another_boot_is_a_restart_and_the_same_boot_is_unknown_5() {
        for (boolean reboot : new boolean[] {true, false}) {
            Meeting meeting = Meeting.opened(Features.of(Feature.EXACTLY_ONCE));
            meeting.slow = true;
            Pending add = meeting.submits(Play.ADD_MMIO);
            meeting.restart(reboot).cut();

            assertThat(meeting.play.outcome(add))
                    .isInstanceOf(reboot ? Outcome.GuestRestarted.class : Outcome.Unknown.class);
        }
    }

    @Test
    void after_the_agent_alone_restarted_the_inventory_decides_5() {
        Meeting meeting = Meeting.opened();
        meeting.slow = true;
        Pending add = meeting.submits(Play.ADD_MMIO);
        meeting.slow = false;
        meeting.finishUnheard();
        meeting.restart(false).cut();

        assertThat(meeting.play.outcome(add)).isEqualTo(Outcome.Done.PLAIN);
        assertThat(meeting.carriedOut).hasSize(1);
    }

    @Test
    void a_lost_request_whose_caller_wants_no_recovery_is_unknown_at_once_5() {
        Meeting meeting = Meeting.opened();
        meeting.loseReply = true;
        Pending add = meeting.submits(Play.ADD_MMIO, SendTerms.DEFAULT);

        assertThat(meeting.play.unknown(add)).isEqualTo(Outcome.UnknownCause.CONNECTION_LOST);
    }

    @Test
    void a_removal_after_a_loss_is_sent_because_the_guest_answers_what_would_crash_a_stock_one_5() {
        Meeting meeting = Meeting.opened(Features.of(Feature.EXACTLY_ONCE));
        meeting.cut();
        Pending absent = meeting.submits(Play.delCpu(77));

        assertThat(meeting.play.outcome(absent)).isEqualTo(new Outcome.Refused(Meeting.EINVAL));
    }
}
