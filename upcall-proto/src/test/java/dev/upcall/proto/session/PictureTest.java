package dev.upcall.proto.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.guest.Cpus;
import dev.upcall.proto.guest.Hazard;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Pending;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// The picture of the guest's CPUs and the dirt of a connection, as the session carries them along.
class PictureTest {

    @Test
    void answers_move_the_picture_on() {
        Play play = Play.connected();
        play.submits(Play.addCpu(4));
        play.answers(0);
        play.submits(Play.delCpu(2));
        play.answers(0);

        assertThat(play.session.picture().presentInSlotOrder()).isEqualTo(Cpus.ids(0, 1, 3, 4));
    }

    @Test
    void a_loss_makes_the_picture_stale_until_it_is_given_again() {
        Play play = Play.connected().closes().passes(Duration.ZERO).reach();
        Pending held = play.submits(Play.delCpu(3));
        assertThat(((Outcome.Unsafe) play.outcome(held)).hazard()).isEqualTo(Hazard.PICTURE_STALE);

        play.happens(new Event.PictureGiven(Cpus.picture(0, 3)));
        play.submits(Play.delCpu(3));

        assertThat(play.transmitted()).containsExactly(Play.delCpu(3));
    }

    @Test
    void a_first_dial_that_fails_does_not_make_the_picture_stale() {
        Play play = Play.begun().start().happens(new Event.DialFailed(1, Trouble.of(Trouble.Kind.CONNECT_REFUSED)));

        assertThat(play.passes(Duration.ZERO).reach().session.picture().stale()).isFalse();
    }

    @Test
    void an_id_whose_reply_was_lost_stays_in_doubt() {
        Play play = Play.connected();
        play.submits(Play.addCpu(4));
        play.closes().passes(Duration.ZERO).reach();

        Pending again = play.submits(Play.addCpu(4));

        assertThat(((Outcome.Unsafe) play.outcome(again)).hazard()).isEqualTo(Hazard.IN_DOUBT);
    }

    @Test
    void a_pci_request_on_a_dirty_connection_goes_by_way_of_a_fresh_one() {
        Play play = dirty();
        Pending pci = play.submits(Play.ADD_PCI);
        assertThat(play.ordered).containsExactly(new Action.DropTransport(1));
        assertThat(play.trouble().kind()).isEqualTo(Trouble.Kind.CLEANING);
        assertThat(play.session.nextDeadline()).isEqualTo(play.now);

        play.passes(Duration.ZERO).reach();

        assertThat(play.transmitted()).containsExactly(Play.ADD_PCI);
        assertThat(play.answers(0).outcome(pci)).isEqualTo(Outcome.Done.PLAIN);
    }

    @Test
    void a_waiting_pci_request_finds_the_dirt_of_the_one_before_it() {
        Play play = Play.connected();
        play.submits(Play.addCpu(4));
        play.submits(Play.ADD_PCI);

        assertThat(play.answers(-5).ordered).last().isEqualTo(new Action.DropTransport(1));
    }

    @Test
    void other_requests_may_use_a_dirty_connection_and_their_success_cleans_it() {
        Play play = dirty();
        play.submits(Play.ADD_MMIO);
        assertThat(play.transmitted()).containsExactly(Play.ADD_MMIO);

        play.answers(0);
        play.submits(Play.ADD_PCI);

        assertThat(play.transmitted()).containsExactly(Play.ADD_PCI);
    }

    @Test
    void a_voluntary_reconnect_keeps_the_picture() {
        Play play = dirty();
        play.submits(Play.ADD_PCI);
        play.passes(Duration.ZERO).reach();

        assertThat(play.session.picture().stale()).isFalse();
        assertThat(play.session.picture()).isEqualTo(Cpus.picture(0, 1, 2, 3).afterAnswer(Play.addCpu(4), -5));
    }

    @Test
    void a_voluntary_reconnect_that_fails_is_a_loss() {
        Play play = dirty();
        play.submits(Play.ADD_PCI);
        play.passes(Duration.ZERO).closes();

        assertThat(play.session.picture().stale()).isTrue();
    }

    @Test
    void a_voluntary_reconnect_that_took_as_long_as_a_reboot_is_a_loss() {
        Play quick = dirty();
        quick.submits(Play.ADD_PCI);
        quick.passes(Duration.ZERO).later(Duration.ofMillis(250)).reach();
        assertThat(quick.session.picture().stale()).isFalse();

        Play slow = dirty();
        slow.submits(Play.ADD_PCI);
        slow.passes(Duration.ZERO).later(Duration.ofMillis(251)).reach();
        assertThat(slow.session.picture().stale()).isTrue();
    }

    @Test
    void a_changed_path_does_not_disturb_a_voluntary_reconnect() {
        Play play = dirty();
        play.submits(Play.ADD_PCI);

        play.happens(new Event.PathChanged()).passes(Duration.ZERO);

        assertThat(((State.WaitingServer) play.session.state()).attempt()).isZero();
    }

    @Test
    void a_picture_given_before_the_connection_counts() {
        Play play = Play.begun()
                .happens(new Event.PictureGiven(Cpus.picture(0, 9)))
                .start()
                .reach();

        play.submits(Play.delCpu(9));

        assertThat(play.transmitted()).containsExactly(Play.delCpu(9));
    }

    private static Play dirty() {
        Play play = Play.connected();
        play.submits(Play.addCpu(4));
        return play.answers(-5);
    }
}
