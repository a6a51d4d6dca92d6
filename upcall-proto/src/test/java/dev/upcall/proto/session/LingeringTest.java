package dev.upcall.proto.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.guest.Cpus;
import dev.upcall.proto.guest.Hazard;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Pending;
import dev.upcall.proto.session.request.SendTerms;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// What was out when its connection was lost may still run in the guest, and must not be asked a second time before it
/// has ended, by the session or by its caller (`upcall-wire` 5.7).
class LingeringTest {

    private static final Duration HOLD_OFF = Duration.ofSeconds(25);
    private static final Duration MOMENT = Duration.ofNanos(1);

    @Test
    void the_caller_cannot_repeat_a_device_request_before_the_hold_off_either() {
        Play play = lost(Play.ADD_MMIO);

        Pending again = play.submits(Play.ADD_MMIO);
        assertThat(hazard(play, again)).isEqualTo(Hazard.IN_DOUBT);
        assertThat(((Outcome.Unsafe) play.outcome(again)).why()).contains("ADD_MMIO", "for 25 s");
        assertThat(hazard(play, play.submits(Play.DEL_MMIO))).isEqualTo(Hazard.IN_DOUBT);

        play.passes(HOLD_OFF).submits(Play.ADD_MMIO);
        assertThat(play.transmitted()).containsExactly(Play.ADD_MMIO);
    }

    @Test
    void a_window_that_overlaps_or_shares_the_line_waits_too_and_others_do_not() {
        Play play = lost(Play.ADD_MMIO);

        assertThat(hazard(play, play.submits(add(0xd0000fffL, 0x1000, 7)))).isEqualTo(Hazard.IN_DOUBT);
        assertThat(hazard(play, play.submits(add(0xe0000000L, 0x1000, 6)))).isEqualTo(Hazard.IN_DOUBT);
        play.submits(add(0xd0001000L, 0x1000, 7));
        assertThat(play.transmitted()).hasSize(1);
    }

    @Test
    void the_shareable_line_is_no_reason_to_wait() {
        Play play = lost(add(0xd0000000L, 0x1000, 5));

        play.submits(add(0xd0001000L, 0x1000, 5));

        assertThat(play.transmitted()).hasSize(1);
    }

    @Test
    void pci_looks_up_under_its_lock_and_never_lingers() {
        Play play = lost(Play.ADD_PCI);

        play.submits(Play.ADD_PCI);

        assertThat(play.transmitted()).containsExactly(Play.ADD_PCI);
    }

    @Test
    void a_picture_given_before_the_hold_off_keeps_the_doubt_about_a_cpu_that_may_still_change() {
        Play play = lost(Play.delCpu(3));

        play.happens(new Event.PictureGiven(Cpus.picture(0, 1, 2, 3)));
        assertThat(hazard(play, play.submits(Play.delCpu(3)))).isEqualTo(Hazard.IN_DOUBT);

        play.passes(HOLD_OFF);
        assertThat(hazard(play, play.submits(Play.delCpu(3)))).isEqualTo(Hazard.IN_DOUBT);
        play.happens(new Event.PictureGiven(Cpus.picture(0, 1, 2, 3))).submits(Play.delCpu(3));
        assertThat(play.transmitted()).containsExactly(Play.delCpu(3));
    }

    @Test
    void other_cpus_are_not_held_back_by_it() {
        Play play = lost(Play.delCpu(3));

        play.happens(new Event.PictureGiven(Cpus.picture(0, 1, 2, 3))).submits(Play.delCpu(2));

        assertThat(play.transmitted()).containsExactly(Play.delCpu(2));
    }

    @Test
    void a_picture_that_saw_a_cpu_starting_does_not_make_it_removable() {
        Play play = lost(Play.addCpu(4));

        play.happens(new Event.PictureGiven(Cpus.picture(0, 1, 2, 3, 4)));

        assertThat(play.session.picture().inDoubt()).containsExactly(new ApicId(4));
        assertThat(hazard(play, play.submits(Play.delCpu(4)))).isEqualTo(Hazard.IN_DOUBT);
    }

    @Test
    void a_loss_while_overdue_lingers_from_the_moment_it_left() {
        Play play = Play.connected();
        play.submits(Play.ADD_MMIO);
        play.passes(Duration.ofSeconds(15)).closes().passes(Duration.ZERO).reach();
        play.passes(Duration.ofSeconds(10).minus(MOMENT));
        assertThat(hazard(play, play.submits(Play.ADD_MMIO))).isEqualTo(Hazard.IN_DOUBT);

        play.passes(MOMENT).submits(Play.ADD_MMIO);

        assertThat(play.transmitted()).containsExactly(Play.ADD_MMIO);
    }

    @Test
    void a_reply_that_is_none_leaves_its_request_lingering() {
        Play play = Play.connected();
        play.submits(Play.ADD_MMIO);
        play.happens(new Event.FrameArrived(1, Play.connect()))
                .passes(Duration.ZERO)
                .reach();

        assertThat(hazard(play, play.submits(Play.ADD_MMIO))).isEqualTo(Hazard.IN_DOUBT);
    }

    @Test
    void what_waits_behind_cpus_that_may_not_start_lingers_longer() {
        Play play = Play.connected();
        for (int id = 4; id < 7; id++) {
            play.submits(Play.addCpu(id));
            play.later(Duration.ofSeconds(1)).closes().passes(Duration.ZERO).reach();
        }
        play.submits(Play.ADD_MMIO, new SendTerms(0, Duration.ofMinutes(5).toNanos(), false, false, false));
        play.closes().passes(Duration.ZERO).reach();

        Duration rest = HOLD_OFF.multipliedBy(2).minusNanos(play.now);
        assertThat(play.passes(rest.minus(MOMENT)).transmitted()).isEmpty();
        assertThat(play.passes(MOMENT).transmitted()).containsExactly(Play.ADD_MMIO);
    }

    @Test
    void an_explicit_override_does_not_wait() {
        Play play = lost(Play.ADD_MMIO);

        play.submits(Play.ADD_MMIO, new SendTerms(0, 0, false, true, false));

        assertThat(play.transmitted()).containsExactly(Play.ADD_MMIO);
    }

    private static Play lost(Request request) {
        Play play = Play.connected();
        play.submits(request);
        return play.closes().passes(Duration.ZERO).reach();
    }

    private static Request add(long base, long size, int irq) {
        return new Request.AddMmio(MmioDevice.of(base, size, irq));
    }

    private static Hazard hazard(Play play, Pending pending) {
        return ((Outcome.Unsafe) play.outcome(pending)).hazard();
    }
}
