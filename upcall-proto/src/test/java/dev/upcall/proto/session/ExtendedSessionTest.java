package dev.upcall.proto.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.BootId;
import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventAck;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.ExtensionType;
import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.extension.Refusal;
import dev.upcall.proto.extension.liveness.LivenessRules;
import dev.upcall.proto.extension.liveness.RemovalPolicy;
import dev.upcall.proto.session.extended.ExtensionRules;
import dev.upcall.proto.session.extended.Extensions;
import dev.upcall.proto.session.extended.News;
import dev.upcall.proto.session.extended.Wish;
import dev.upcall.proto.session.extended.WishAnswer;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Pending;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A session and an extended guest. §n are sections of "Extended guests".
class ExtendedSessionTest {

    private static final Duration INTERVAL = Duration.ofSeconds(2);

    // ------------------------------------------------------------------ §1 opening

    @Test
    void a_stock_guest_falls_back_silently_and_its_connection_is_dirty_1() {
        Play play = Play.begun(Play.asking(Extensions.AUTO)).start().reach();
        assertThat(play.state()).isEqualTo("Opening");

        play.happens(new Event.ExtensionArrived(1, Play.stockAnswer()));

        assertThat(play.session.state())
                .isInstanceOfSatisfying(
                        State.Connected.class,
                        s -> assertThat(s.connection().dirty()).isTrue());
        assertThat(play.session.opened()).isNull();
    }

    @Test
    void the_first_pci_request_to_a_stock_guest_reconnects_without_an_attempt_and_does_not_ask_again_1() {
        Play play = stock();
        Pending pci = play.submits(Play.ADD_PCI);
        assertThat(play.session.state()).isInstanceOfSatisfying(State.Reconnecting.class, s -> {
            assertThat(s.attempt()).isZero();
            assertThat(s.resumeAt()).isEqualTo(play.now);
        });
        assertThat(play.ordered).noneMatch(Action.Tell.class::isInstance);

        play.happens(new Event.TimePassed()).reach();

        assertThat(play.transmitted()).containsExactly(Play.ADD_PCI);
        assertThat(play.answers(0).outcome(pci)).isEqualTo(Outcome.Done.PLAIN);
    }

    @Test
    void a_voluntary_reconnect_gives_no_dial_of_the_budget_back_1() {
        Play play = stock();
        play.submits(Play.ADD_PCI, Play.RECOVERING);
        play.happens(new Event.TimePassed()).reach().closes();

        assertThat(play.session.state())
                .isInstanceOfSatisfying(
                        State.Reconnecting.class, s -> assertThat(s.attempt()).isEqualTo(2));
    }

    @Test
    void after_a_real_loss_a_stock_guest_is_asked_again_1() {
        Play play = stock().closes().happens(new Event.TimePassed()).reach();

        assertThat(play.state()).isEqualTo("Opening");
        assertThat(play.ordered).anyMatch(Action.Send.class::isInstance);
    }

    @Test
    void extensions_that_are_off_are_never_asked_for_1() {
        Play play = Play.begun(Play.asking(Extensions.OFF)).start().reach();

        assertThat(play.state()).isEqualTo("Connected");
    }

    @Test
    void required_extensions_on_a_stock_guest_end_the_session_with_a_clear_sentence_1() {
        Play play = Play.begun(Play.asking(Extensions.REQUIRED)).start().reach();
        play.happens(new Event.ExtensionArrived(1, Play.stockAnswer()));

        assertThat(play.state()).isEqualTo("GivenUp");
        assertThat(play.trouble().toString()).contains("required").contains("stock kernel");
    }

    @ParameterizedTest
    @CsvSource({"-93, NO_COMMON_VERSION", "-11, TOO_MANY_CLIENTS", "-71, OPENING_REFUSED", "-22, OPENING_REFUSED"})
    void a_refused_opening_has_a_trouble_of_its_own_1(int result, Trouble.Kind kind) {
        Play play = Play.begun(Play.asking(Extensions.AUTO)).start().reach();
        play.happens(new Event.ExtensionArrived(1, Play.extension(new Refusal(ExtensionType.HANDSHAKE, result))));

        assertThat(play.trouble().kind()).isEqualTo(kind);
    }

    @Test
    void features_outside_the_offer_are_a_breach_of_the_protocol_1() {
        SessionRules rules = Play.rules(ReconnectPolicy.DEFAULT, 4)
                .withExtensions(
                        ExtensionRules.of(Extensions.AUTO, Play.CLIENT).withOffered(Features.of(Feature.LIVENESS)));
        Play play = Play.begun(rules).start().reach();
        play.happens(new Event.ExtensionArrived(
                1,
                Play.extension(new HandshakeReply.Open(
                        1,
                        Features.of(Feature.LIVENESS, Feature.EVENTS),
                        new Epoch(9),
                        new BootId(1, 2),
                        2000,
                        1,
                        0,
                        false,
                        "x86_64",
                        "test",
                        Set.of()))));

        assertThat(play.trouble().kind()).isEqualTo(Trouble.Kind.MISBEHAVED);
        assertThat(play.trouble().detail()).contains("EVENTS").contains("offered");
    }

    // ------------------------------------------------------------------ §2 liveness

    @Test
    void a_guest_is_probed_an_interval_after_it_was_last_heard_and_stays_connected_2() {
        Meeting meeting = Meeting.opened();
        meeting.passes(INTERVAL.minusMillis(1));
        assertThat(meeting.probes()).isZero();

        meeting.passes(Duration.ofMillis(1));

        assertThat(meeting.probes()).isOne();
        assertThat(meeting.play.state()).isEqualTo("Connected");
        assertThat(meeting.news(News.Probed.class)).containsExactly(new News.Probed(News.Probe.ALIVE));
    }

    @Test
    void a_ten_second_cpu_hotplug_is_no_loss_2() {
        Meeting meeting = Meeting.opened();
        meeting.slow = true;
        Pending add = meeting.submits(Play.addCpu(7));

        meeting.passes(Duration.ofSeconds(10)).finish();

        assertThat(meeting.play.outcome(add)).isEqualTo(new Outcome.Done(OptionalInt.of(1)));
        assertThat(meeting.probes()).isZero();
        assertThat(meeting.story()).containsExactly("BIND FIRST");
    }

    @Test
    void a_request_waits_for_the_answer_of_the_probe_that_is_out_2() {
        Meeting meeting = Meeting.opened();
        meeting.blackHole = true;
        meeting.passes(INTERVAL);
        assertThat(meeting.probes()).isOne();

        Pending add = meeting.submits(Play.ADD_MMIO, Play.FAIL_IF_BUSY);

        assertThat(meeting.play.state()).isEqualTo("Connected");
        assertThat(meeting.play.outcomes(add)).isEmpty();
        meeting.blackHole = false;
        meeting.says(new HandshakeReply.Probe(0x0A69, meeting.guest(), 2));
        assertThat(meeting.play.outcome(add)).isEqualTo(Outcome.Done.PLAIN);
    }

    @Test
    void a_black_hole_is_lost_within_two_intervals_and_the_connection_is_dropped_2() {
        Meeting meeting = Meeting.opened();
        meeting.blackHole = true;
        meeting.down = true;

        meeting.passes(INTERVAL.multipliedBy(2));

        assertThat(meeting.story()).containsExactly("BIND FIRST", "UNBIND PROBE");
        assertThat(meeting.play.session.state().whyNot())
                .hasValueSatisfying(why -> assertThat(why.kind()).isEqualTo(Trouble.Kind.PROBE_UNANSWERED));
    }

    @Test
    void an_end_of_stream_is_noticed_at_once_2() {
        Meeting meeting = Meeting.opened();
        meeting.down = true;

        meeting.cut();

        assertThat(meeting.story()).containsExactly("BIND FIRST", "UNBIND CONNECTION");
    }

    @Test
    void a_loss_within_the_grace_has_not_happened_2() {
        LivenessRules rules = new LivenessRules(INTERVAL, Optional.empty(), 1, Duration.ofSeconds(1));
        Meeting meeting = new Meeting(
                        Play.rules(ReconnectPolicy.DEFAULT, 4)
                                .withExtensions(ExtensionRules.of(Extensions.AUTO, Play.CLIENT)
                                        .withLiveness(rules)),
                        Features.ALL)
                .begin();

        meeting.cut().passes(Duration.ofSeconds(5));

        assertThat(meeting.story()).containsExactly("BIND FIRST");
    }

    @Test
    void a_guest_that_is_back_with_the_same_epoch_is_bound_again_with_what_it_has_2() {
        Meeting meeting = Meeting.opened();
        meeting.submits(Play.ADD_MMIO);

        meeting.cut();

        assertThat(meeting.story())
                .containsExactly(
                        "BIND FIRST", "UNBIND CONNECTION", "REMOVED mmio:" + Play.DEVICE.window(), "BIND RESUMED");
        assertThat(meeting.devices()).containsExactly(new DeviceReference.Mmio(Play.DEVICE.window()));
    }

    @Test
    void in_manual_a_lost_device_fails_as_peer_lost_until_it_is_unregistered_2() {
        Meeting meeting = Meeting.opened();
        meeting.happens(new Event.Wished(new Wish.ChoosePolicy(RemovalPolicy.MANUAL)));
        meeting.submits(Play.ADD_MMIO);
        meeting.restart(true).cut();
        assertThat(meeting.story()).containsExactly("BIND FIRST", "UNBIND CONNECTION");

        Pending refused = meeting.submits(Play.DEL_MMIO);
        assertThat(meeting.play.notSent(refused)).isEqualTo(Outcome.NotSentCause.PEER_LOST);

        meeting.happens(new Event.Wished(new Wish.UnregisterAll()));
        meeting.happens(new Event.Wished(new Wish.UnregisterAll()));
        meeting.passes(INTERVAL);
        assertThat(meeting.story())
                .containsExactly(
                        "BIND FIRST", "UNBIND CONNECTION", "REMOVED mmio:" + Play.DEVICE.window(), "BIND RESTARTED");
        Pending again = meeting.submits(Play.ADD_MMIO);
        assertThat(meeting.play.outcome(again)).isEqualTo(Outcome.Done.PLAIN);
    }

    @Test
    void another_epoch_in_a_probes_answer_is_a_restart_and_opens_anew_2() {
        Meeting meeting = Meeting.opened();
        meeting.blackHole = true;
        meeting.passes(INTERVAL);
        meeting.blackHole = false;
        meeting.restart(true);

        meeting.says(new HandshakeReply.Probe(0x0A69, meeting.guest(), 2));

        assertThat(meeting.story()).containsExactly("BIND FIRST", "UNBIND RESTARTED", "BIND RESTARTED");
        assertThat(meeting.met()).isEqualTo(meeting.guest());
    }

    // ------------------------------------------------------------------ §3 events

    @Test
    void an_event_during_a_request_never_completes_it_3() {
        Meeting meeting = Meeting.opened();
        meeting.slow = true;
        Pending add = meeting.submits(Play.addCpu(7));

        meeting.raise(EventKind.CPU_ONLINE);

        assertThat(meeting.play.state()).isEqualTo("ServiceBusy");
        assertThat(meeting.play.outcomes(add)).isEmpty();
        assertThat(meeting.delivered()).extracting(EventNotify::sequence).containsExactly(1L);
        meeting.finish();
        assertThat(meeting.play.outcome(add)).isEqualTo(new Outcome.Done(OptionalInt.of(1)));
    }

    @Test
    void an_event_is_acknowledged_within_a_tenth_of_a_second_3() {
        Meeting meeting = Meeting.opened();
        meeting.raise(EventKind.CPU_ONLINE).raise(EventKind.CPU_OFFLINE).passes(Duration.ofMillis(100));

        assertThat(meeting.sent)
                .contains(new EventAck(meeting.guest(), 2))
                .doesNotContain(new EventAck(meeting.guest(), 1));
    }

    @Test
    void events_go_on_over_a_reconnect_each_once_3() {
        Meeting meeting = Meeting.opened();
        meeting.raise(EventKind.CPU_ONLINE);
        meeting.down = true;
        meeting.cut().raise(EventKind.CPU_OFFLINE).raise(EventKind.CONFIG_CHANGED);
        meeting.down = false;

        meeting.passes(Duration.ofSeconds(1));

        assertThat(meeting.delivered()).extracting(EventNotify::sequence).containsExactly(1L, 2L, 3L);
        assertThat(meeting.news(News.Missed.class)).isEmpty();
    }

    @Test
    void a_jump_of_the_sequence_is_told_as_a_gap_3() {
        Meeting meeting = Meeting.opened();
        meeting.says(event(meeting.guest(), 4));

        assertThat(meeting.news(News.Missed.class)).hasSize(1);
        assertThat(meeting.news(News.Missed.class).getFirst().gap().count()).isEqualTo(3);
        assertThat(meeting.delivered()).extracting(EventNotify::sequence).containsExactly(4L);
    }

    @Test
    void an_event_of_another_epoch_is_dropped_and_counted_3() {
        Meeting meeting = Meeting.opened();
        meeting.says(event(new Epoch(0xdead), 1));

        assertThat(meeting.delivered()).isEmpty();
        assertThat(meeting.news(News.Discarded.class)).hasSize(1);
        assertThat(meeting.play.state()).isEqualTo("Connected");
    }

    @Test
    void a_terminal_event_unbinds_at_once_and_the_end_of_stream_adds_nothing_3() {
        Meeting meeting = Meeting.opened();
        meeting.down = true;
        meeting.slow = true;
        Pending out = meeting.submits(Play.ADD_MMIO);

        meeting.says(
                new EventNotify(meeting.guest(), 1, EventKind.VM_SHUTDOWN, DeviceReference.NONE, Bytes.EMPTY, 0, 0));

        assertThat(meeting.story()).containsExactly("BIND FIRST", "UNBIND ORDERLY_EXIT");
        assertThat(meeting.play.notSent(meeting.submits(Play.DEL_MMIO))).isEqualTo(Outcome.NotSentCause.PEER_LEAVING);
        meeting.finish();
        assertThat(meeting.play.outcome(out)).isEqualTo(Outcome.Done.PLAIN);
        meeting.cut();
        assertThat(meeting.story()).containsExactly("BIND FIRST", "UNBIND ORDERLY_EXIT");
    }

    @Test
    void a_session_that_is_closed_while_an_acknowledgement_is_owed_sends_nothing_more_3() {
        Meeting meeting = Meeting.opened();
        meeting.raise(EventKind.CPU_ONLINE).happens(new Event.CloseAsked());
        int before = meeting.sent.size();

        meeting.passes(Duration.ofSeconds(10));

        assertThat(meeting.sent).hasSize(before);
        assertThat(meeting.play.session.nextDeadline()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void a_slow_listener_holds_acknowledgements_back_3() {
        Meeting meeting = Meeting.opened();
        meeting.happens(new Event.Wished(new Wish.HoldEvents(true)));
        for (int i = 0; i < 300; i++) {
            meeting.raise(EventKind.CPU_ONLINE);
        }
        meeting.passes(Duration.ofSeconds(1));
        assertThat(meeting.delivered()).hasSize(256);

        meeting.happens(new Event.Wished(new Wish.TakeEvents(meeting.guest(), 256)));

        assertThat(meeting.delivered()).hasSizeGreaterThan(256);
    }

    @Test
    void a_listener_that_keeps_up_costs_one_acknowledgement_for_32_events_3() {
        Meeting meeting = Meeting.opened();
        meeting.happens(new Event.Wished(new Wish.HoldEvents(true)));
        meeting.sent.clear();
        for (int i = 1; i <= 320; i++) {
            meeting.raise(EventKind.CONFIG_CHANGED);
            meeting.happens(new Event.Wished(new Wish.TakeEvents(meeting.guest(), i)));
        }
        assertThat(meeting.delivered()).hasSize(320);
        assertThat(meeting.sent).hasSize(10).last().isEqualTo(new EventAck(meeting.guest(), 320));

        meeting.raise(EventKind.CONFIG_CHANGED);
        meeting.happens(new Event.Wished(new Wish.TakeEvents(meeting.guest(), 321)));
        assertThat(meeting.sent).hasSize(10);
        meeting.passes(Duration.ofMillis(100));
        assertThat(meeting.sent).last().isEqualTo(new EventAck(meeting.guest(), 321));
    }

    @Test
    void user_events_go_on_over_a_reconnect_each_once_3() {
        Meeting meeting = Meeting.opened();
        for (String text : List.of("one", "two", "three")) {
            meeting.happens(new Event.Wished(
                    new Wish.SendEvent(text, EventKind.USER, DeviceReference.NONE, Bytes.utf8(text), 0)));
        }
        meeting.cut().passes(Duration.ofSeconds(1));
        meeting.happens(new Event.Wished(
                new Wish.SendEvent("four", EventKind.USER, DeviceReference.NONE, Bytes.utf8("four"), 0)));
        meeting.passes(Duration.ofMillis(200));

        assertThat(meeting.heard.stream().map(e -> e.detail().toUtf8())).containsExactly("one", "two", "three", "four");
        assertThat(meeting.answers)
                .containsExactly(
                        new WishAnswer.Delivered(1),
                        new WishAnswer.Delivered(2),
                        new WishAnswer.Delivered(3),
                        new WishAnswer.Delivered(4));
    }

    @Test
    void a_user_event_is_answered_once_the_guest_has_acknowledged_it_3() {
        Meeting meeting = Meeting.opened();
        meeting.happens(new Event.Wished(
                new Wish.SendEvent("hello", EventKind.USER, DeviceReference.NONE, Bytes.utf8("hello"), 0)));
        assertThat(meeting.answers).isEmpty();

        meeting.passes(Duration.ofMillis(100));

        assertThat(meeting.answers).containsExactly(new WishAnswer.Delivered(1));
    }

    private static EventNotify event(Epoch epoch, long sequence) {
        return new EventNotify(epoch, sequence, EventKind.CPU_ONLINE, DeviceReference.NONE, Bytes.EMPTY, 0, 0);
    }

    private static Play stock() {
        Play play = Play.begun(Play.asking(Extensions.AUTO)).start().reach();
        return play.happens(new Event.ExtensionArrived(1, Play.stockAnswer()));
    }
}
