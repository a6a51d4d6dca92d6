package dev.upcall.proto.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.liveness.LivenessRules;
import dev.upcall.proto.extension.liveness.RemovalPolicy;
import dev.upcall.proto.session.extended.ExtensionRules;
import dev.upcall.proto.session.extended.Extensions;
import dev.upcall.proto.session.extended.News;
import dev.upcall.proto.session.extended.Wish;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Pending;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What the simulation of whole extended sessions has found wrong, each told by itself.
class FoundBySimulationTest {

    private static final LivenessRules GRACE =
            new LivenessRules(Duration.ofSeconds(2), Optional.empty(), 1, Duration.ofSeconds(1));

    @Test
    void a_request_that_has_left_never_ends_as_not_sent_because_its_device_is_lost_2() {
        Meeting meeting = Meeting.opened(Features.of(Feature.LIVENESS));
        meeting.happens(new Event.Wished(new Wish.ChoosePolicy(RemovalPolicy.MANUAL)));
        meeting.submits(Play.ADD_MMIO);
        meeting.slow = true;
        Pending again = meeting.submits(Play.DEL_MMIO);
        meeting.restart(true).cut();
        meeting.slow = false;
        meeting.passes(Duration.ofSeconds(40));

        assertThat(meeting.play.unknown(again)).isEqualTo(Outcome.UnknownCause.CONNECTION_LOST);
    }

    @Test
    void a_guest_that_says_that_it_ends_and_does_not_close_is_given_up_3() {
        Meeting meeting = Meeting.opened(Features.of(Feature.EVENTS));
        meeting.says(terminal(meeting));
        assertThat(meeting.play.notSent(meeting.submits(Play.ADD_MMIO))).isEqualTo(Outcome.NotSentCause.PEER_LEAVING);

        meeting.down = true;
        meeting.passes(ExtensionRules.LEFT_WITHIN);

        assertThat(meeting.play.session.state().whyNot())
                .hasValueSatisfying(why -> assertThat(why.kind()).isEqualTo(Trouble.Kind.NOT_LEFT));
        assertThat(meeting.story()).containsExactly("BIND FIRST", "UNBIND ORDERLY_EXIT");
    }

    @Test
    void a_closed_session_wants_no_more_time_although_its_guest_was_in_doubt_2() {
        Meeting meeting = new Meeting(
                        Play.rules(ReconnectPolicy.DEFAULT, 4)
                                .withExtensions(ExtensionRules.of(Extensions.AUTO, Play.CLIENT)
                                        .withLiveness(GRACE)),
                        Features.ALL)
                .begin();
        meeting.down = true;
        meeting.cut().happens(new Event.CloseAsked());

        assertThat(meeting.play.session.nextDeadline()).isEqualTo(Long.MAX_VALUE);
        meeting.passes(Duration.ofSeconds(5));
        assertThat(meeting.story()).containsExactly("BIND FIRST");
    }

    @Test
    void what_is_wished_before_the_start_waits_for_the_guest_3() {
        Play play = Play.begun(Play.asking(Extensions.AUTO));
        play.happens(new Event.Wished(
                new Wish.SendEvent("early", EventKind.USER, DeviceReference.NONE, Bytes.utf8("hello"), play.now)));
        assertThat(play.ordered).isEmpty();

        play.start();

        assertThat(play.session.unansweredWishes()).containsExactly("early");
    }

    /// Without EXECUTE_ONCE a PCI request on a dirty connection goes by way of a voluntary reconnect.
    @Test
    void a_stock_kernel_behind_a_voluntary_reconnect_is_another_guest_1() {
        Meeting meeting = Meeting.opened(Features.of(Feature.LIVENESS));
        meeting.submits(Play.ADD_MMIO);
        meeting.submits(Play.ADD_MMIO); // refused: the connection is dirty now
        Play play = meeting.play;
        play.submits(Play.ADD_PCI);
        assertThat(play.state()).isEqualTo("Reconnecting");
        play.happens(new Event.TimePassed()).reach();
        play.happens(new Event.ExtensionArrived(play.epoch(), Play.stockAnswer()));

        assertThat(play.ordered).anyMatch(a -> a instanceof Action.Tell(News.Judged _));
        assertThat(play.session.picture().stale()).isTrue();
    }

    private static EventNotify terminal(Meeting meeting) {
        return new EventNotify(meeting.guest(), 1, EventKind.APP_EXIT, DeviceReference.NONE, Bytes.EMPTY, 0, 0);
    }
}
