package dev.upcall.proto.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.guest.Deadlines;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.session.Trouble.Kind;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Pending;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.ReplyFrame;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// From the first dial to Connected, and back to it after every kind of loss.
class ConnectingTest {

    private static final Duration MOMENT = Duration.ofMillis(1);

    @Test
    void a_hybrid_target_is_greeted_with_connect_then_the_service_byte_after_ok() {
        Play play = Play.begun().start();
        assertThat(play.ordered).containsExactly(new Action.OpenTransport(1));

        play.happens(new Event.TransportOpened(1));
        assertThat(play.ordered).containsExactly(new Action.SendConnectLine(1));
        assertThat(play.state()).isEqualTo("WaitingServer");

        play.happens(new Event.ServerAccepted(1));
        assertThat(play.ordered).containsExactly(new Action.SendServiceByte(1));
        assertThat(play.state()).isEqualTo("WaitingService");

        play.happens(new Event.ServiceAnnounced(1, Play.connect()));
        assertThat(play.ordered).isEmpty();
        assertThat(play.state()).isEqualTo("Connected");
    }

    @Test
    void a_plain_target_gets_the_service_byte_at_once() {
        Play play = Play.begun(SessionRules.of(GuestProfile.KATA_6_1, false)).start();

        play.happens(new Event.TransportOpened(1));

        assertThat(play.ordered).containsExactly(new Action.SendServiceByte(1));
        assertThat(play.state()).isEqualTo("WaitingService");
    }

    @Test
    void nothing_is_dialled_before_the_start_and_only_one_start_counts() {
        Play play = Play.begun().passes(Duration.ofHours(1));
        assertThat(play.ordered).isEmpty();
        assertThat(play.session.nextDeadline()).isEqualTo(Long.MAX_VALUE);

        play.start().start();
        assertThat(play.ordered).isEmpty();
    }

    @Test
    void ok_is_waited_for_until_its_deadline_from_the_start_of_dialling() {
        Play play = Play.begun().start().later(MOMENT).happens(new Event.TransportOpened(1));
        assertThat(play.session.nextDeadline())
                .isEqualTo(Deadlines.DEFAULT.okLine().toNanos());

        play.passes(Duration.ofSeconds(10));

        assertThat(play.ordered).containsExactly(new Action.DropTransport(1));
        assertThat(play.trouble().kind()).isEqualTo(Kind.NO_OK_IN_TIME);
    }

    @Test
    void the_connect_frame_is_waited_for_until_its_deadline_from_the_service_byte() {
        Play play = Play.begun().start().happens(new Event.TransportOpened(1)).later(Duration.ofSeconds(9));
        play.happens(new Event.ServerAccepted(1)).passes(Duration.ofMillis(2499));
        assertThat(play.state()).isEqualTo("WaitingService");

        play.passes(MOMENT);

        assertThat(play.ordered).containsExactly(new Action.DropTransport(1));
        assertThat(play.trouble().kind()).isEqualTo(Kind.NO_CONNECT_IN_TIME);
    }

    @Test
    void closed_before_ok_at_once_says_that_nobody_listens() {
        Play play = Play.begun()
                .start()
                .happens(new Event.TransportOpened(1))
                .later(MOMENT)
                .closes();

        assertThat(play.trouble().kind()).isEqualTo(Kind.CLOSED_BEFORE_OK);
        assertThat(play.trouble().isProtocolBreach()).isFalse();
    }

    @Test
    void closed_before_ok_after_a_while_says_that_the_vmm_had_parked_it() {
        Play play = Play.begun()
                .start()
                .happens(new Event.TransportOpened(1))
                .later(Duration.ofSeconds(2))
                .closes();

        assertThat(play.trouble().kind()).isEqualTo(Kind.PARKED);
    }

    @Test
    void closed_after_ok_says_that_no_device_manager_serves_there() {
        Play play = Play.begun().start().happens(new Event.TransportOpened(1));
        play.happens(new Event.ServerAccepted(1)).closes();

        assertThat(play.trouble().kind()).isEqualTo(Kind.CLOSED_BEFORE_CONNECT);
        assertThat(play.trouble().detail()).isEqualTo("end of stream");
    }

    @Test
    void an_answer_that_is_not_ok_is_a_breach_and_quoted() {
        Play play = Play.begun().start().happens(new Event.PeerMisbehaved(1, "found \"HTTP\""));

        assertThat(play.trouble()).isEqualTo(new Trouble(Kind.BAD_OK_LINE, "found \"HTTP\""));
        assertThat(play.trouble().isProtocolBreach()).isTrue();
    }

    @Test
    void the_older_dialect_is_named() {
        Play play = Play.begun().start().happens(new Event.ServerAccepted(1));
        play.happens(new Event.ServiceAnnounced(1, Play.frame(0xdbe00000, 0, 0, 0)));

        assertThat(play.trouble().kind()).isEqualTo(Kind.OLDER_DIALECT);
        assertThat(play.trouble().toString()).contains("2021");
    }

    @Test
    void a_first_frame_that_is_not_connect_is_a_breach_and_quoted() {
        Play play = Play.begun().start().happens(new Event.ServerAccepted(1));
        ReplyFrame wrong = new ReplyFrame(new FrameHeader(0x0BADF00D, 0, 0, 0), 0, 0);
        play.happens(new Event.ServiceAnnounced(1, wrong));

        assertThat(play.trouble().kind()).isEqualTo(Kind.NOT_UPCALL);
        assertThat(play.trouble().detail()).contains("0x0BADF00D");
    }

    @Test
    void the_first_two_dials_go_at_once_and_later_ones_wait_longer_and_longer() {
        Play play = Play.begun().start();
        long waited = 0;
        for (int dial = 1; dial <= 20; dial++) {
            assertThat(play.state()).as("dial %d", dial).isEqualTo("WaitingServer");
            assertThat(play.session.epoch()).isEqualTo(dial);
            play.happens(new Event.DialFailed(dial, Trouble.of(Kind.CONNECT_REFUSED)));
            long pause = play.session.nextDeadline() - play.now;
            assertThat(pause).as("before dial %d", dial + 1).isBetween(dial == 1 ? 0 : 1L, 1_000_000_000L);
            assertThat(pause == 0).isEqualTo(dial == 1);
            waited += pause;
            play.passes(Duration.ofNanos(pause));
        }
        assertThat(waited).isGreaterThan(1_000_000_000L);
    }

    @Test
    void a_socket_file_that_is_not_there_is_not_polled_hard() {
        Play play = Play.begun().start();
        for (int dial = 1; dial < 9; dial++) {
            play.happens(new Event.DialFailed(dial, Trouble.of(Kind.NO_SOCKET_FILE)));
            long pause = play.session.nextDeadline() - play.now;
            assertThat(pause).as("before dial %d", dial + 1).isBetween(500_000_000L, 1_000_000_000L);
            play.passes(Duration.ofNanos(pause));
        }
        play.happens(new Event.DialFailed(9, Trouble.of(Kind.NO_SOCKET_FILE)));
        play.happens(new Event.PathChanged());

        assertThat(play.state()).isEqualTo("WaitingServer");
        play.happens(new Event.DialFailed(10, Trouble.of(Kind.CONNECT_REFUSED)));
        assertThat(play.session.nextDeadline()).as("the file is there now").isEqualTo(play.now);
    }

    @Test
    void a_socket_file_that_appears_is_dialled_at_once() {
        Play play = Play.begun().start();
        for (int dial = 1; dial < 9; dial++) {
            play.happens(new Event.DialFailed(dial, Trouble.of(Kind.NO_SOCKET_FILE)));
            play.passes(dial == 8 ? Duration.ZERO : Duration.ofSeconds(1));
        }
        assertThat(play.state()).isEqualTo("Reconnecting");

        play.happens(new Event.PathChanged());

        assertThat(play.ordered).containsExactly(new Action.OpenTransport(9));
        assertThat(((State.WaitingServer) play.session.state()).attempt()).isEqualTo(1);
        assertThat(play.happens(new Event.PathChanged()).ordered).isEmpty();
    }

    @Test
    void a_changed_path_does_not_hurry_after_a_peer_that_hung_up() {
        Play play = Play.begun().start();
        for (int dial = 1; dial < 5; dial++) {
            play.reach().closes().passes(Duration.ofSeconds(dial == 4 ? 0 : 1));
        }
        assertThat(play.state()).isEqualTo("Reconnecting");

        assertThat(play.happens(new Event.PathChanged()).state()).isEqualTo("Reconnecting");
    }

    @Test
    void it_gives_up_when_the_policy_ends_and_says_why() {
        ReconnectPolicy three = new ReconnectPolicy(3, Duration.ofMillis(1), Duration.ofSeconds(1), 7);
        Play play = Play.begun(Play.rules(three, 4)).start();
        Pending waiting = play.submits(Play.ADD_MMIO);
        for (int dial = 1; dial <= 3; dial++) {
            play.happens(new Event.DialFailed(dial, new Trouble(Kind.NO_SOCKET_FILE, "/run/vm.sock")));
            play.passes(dial == 3 ? Duration.ZERO : Duration.ofSeconds(1));
        }

        assertThat(play.state()).isEqualTo("GivenUp");
        assertThat(play.trouble().toString()).contains("does not exist", "/run/vm.sock");
        assertThat(play.notSent(waiting)).isEqualTo(Outcome.NotSentCause.NOT_CONNECTED);
        assertThat(play.notSent(play.submits(Play.ADD_MMIO))).isEqualTo(Outcome.NotSentCause.NOT_CONNECTED);
        assertThat(play.session.nextDeadline()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void the_attempt_budget_is_renewed_after_a_good_connection() {
        Play play = Play.begun(Play.rules(new ReconnectPolicy(2, Duration.ofMillis(1), Duration.ofSeconds(1), 7), 4))
                .start();
        for (int round = 0; round < 5; round++) {
            play.happens(new Event.DialFailed(play.epoch(), Trouble.of(Kind.CONNECT_REFUSED)));
            play.passes(Duration.ofSeconds(1)).reach();
            play.submits(Play.ADD_MMIO);
            play.answers(0).closes().passes(Duration.ZERO);
            assertThat(play.state()).as("round %d", round).isEqualTo("WaitingServer");
        }
    }

    @Test
    void a_connection_that_lived_a_second_was_good_although_nothing_was_asked() {
        Play play = Play.begun(Play.rules(ReconnectPolicy.once(), 4)).start().reach();

        assertThat(play.later(Duration.ofSeconds(1)).closes().state()).isEqualTo("Reconnecting");
    }

    @Test
    void short_lived_connections_count_as_attempts_and_back_off() {
        Play play = Play.begun(Play.rules(new ReconnectPolicy(4, Duration.ofMillis(1), Duration.ofSeconds(1), 7), 4))
                .start();
        for (int dial = 1; dial <= 4; dial++) {
            play.reach().later(MOMENT).closes();
            if (dial < 4) {
                assertThat(((State.Reconnecting) play.session.state()).attempt())
                        .isEqualTo(dial + 1);
                play.passes(Duration.ofSeconds(1));
            }
        }
        assertThat(play.state()).isEqualTo("GivenUp");
    }

    @Test
    void while_idle_every_fact_means_trouble() {
        for (Event.FromTransport fact : new Event.FromTransport[] {
            new Event.PeerClosed(1, "reset"),
            new Event.FrameArrived(1, Play.reply(Play.ADD_MMIO, 0)),
            new Event.ServiceAnnounced(1, Play.connect()),
            new Event.PeerMisbehaved(1, "noise"),
            new Event.ServerAccepted(1),
            new Event.TransportOpened(1),
            new Event.DialFailed(1, Trouble.of(Kind.CANNOT_DIAL))
        }) {
            Play play = Play.connected().happens(fact);
            assertThat(play.state()).as(fact.toString()).isEqualTo("Reconnecting");
            assertThat(play.ordered).as(fact.toString()).containsExactly(new Action.DropTransport(1));
        }
    }

    @Test
    void late_facts_of_an_old_connection_change_nothing() {
        Play play = Play.connected().closes().passes(Duration.ZERO).reach();
        play.submits(Play.ADD_MMIO);
        Session before = play.session;

        play.happens(new Event.PeerClosed(1, "reset"));
        play.happens(new Event.FrameArrived(1, Play.reply(Play.ADD_MMIO, 0)));
        play.happens(new Event.ServiceAnnounced(1, Play.connect()));
        play.happens(new Event.DialFailed(1, Trouble.of(Kind.CANNOT_DIAL)));

        assertThat(play.session).isSameAs(before);
        assertThat(play.ended).isEmpty();
    }

    @Test
    void closing_drops_the_transport_and_nothing_happens_after_it() {
        Play play = Play.connected().happens(new Event.CloseAsked());
        assertThat(play.ordered).containsExactly(new Action.DropTransport(1));
        Session closed = play.session;

        play.happens(new Event.CloseAsked()).start().closes().happens(new Event.PathChanged());
        play.passes(Duration.ofDays(1));

        assertThat(play.session).isSameAs(closed);
        assertThat(play.state()).isEqualTo("Closed");
        assertThat(play.ordered).isEmpty();
    }

    @Test
    void closing_without_a_transport_drops_none() {
        assertThat(Play.begun().happens(new Event.CloseAsked()).ordered).isEmpty();
        assertThat(Play.connected().closes().happens(new Event.CloseAsked()).ordered)
                .isEmpty();
    }
}
