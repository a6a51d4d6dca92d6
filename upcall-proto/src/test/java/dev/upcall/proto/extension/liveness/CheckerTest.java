package dev.upcall.proto.extension.liveness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.proto.extension.BootId;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.Handshake;
import dev.upcall.proto.extension.HandshakeReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// §2, the checker. The interval is 1000 and a probe may be out for 1000, in nanoseconds, unless said otherwise.
class CheckerTest {

    private static final Epoch GUEST = new Epoch(0x6E);
    private static final Epoch OTHER = new Epoch(0x6F);

    private final List<ProbeOrder> out = new ArrayList<>();
    private Checker checker = Checker.begin(new Checker.Terms(GUEST, 1000, 1000, 1), 0);

    @Test
    void s2_the_first_probe_leaves_an_interval_after_the_opening() {
        time(999);
        assertThat(out).isEmpty();
        assertThat(checker.nextDeadline()).isEqualTo(1000);

        time(1000);

        assertThat(out).containsExactly(new ProbeOrder.SendProbe(new Handshake.Probe(2)));
        assertThat(checker.isProbing()).isTrue();
    }

    @Test
    void s2_the_next_one_is_counted_from_the_end_of_the_previous_one() {
        time(1000);
        answer(Handshake.MASK, GUEST, 2, 1900);
        assertThat(out.getLast()).isEqualTo(new ProbeOrder.Alive(GUEST));

        assertThat(checker.nextDeadline()).isEqualTo(2900);
        time(2900);
        assertThat(out.getLast()).isEqualTo(new ProbeOrder.SendProbe(new Handshake.Probe(3)));
    }

    @Test
    void s2_while_a_request_is_out_its_own_deadline_is_the_loss_detector() {
        checker = checker.requestSent();
        assertThat(checker.nextDeadline()).isEqualTo(Long.MAX_VALUE);
        time(1_000_000);
        assertThat(out).isEmpty();

        checker = checker.frameHeard(1_000_000).requestEnded(1_000_000);

        assertThat(checker.nextDeadline()).isEqualTo(1_001_000);
        assertThat(checker.provenAt()).isEqualTo(1_000_000);
    }

    @Test
    void s2_a_request_waits_for_the_probes_answer() {
        time(1000);

        assertThatThrownBy(() -> checker.requestSent()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void s2_any_complete_frame_while_idle_is_proof_of_life() {
        checker = checker.frameHeard(700);

        time(1000);
        assertThat(out).isEmpty();
        assertThat(checker.nextDeadline()).isEqualTo(1700);
    }

    @Test
    void s2_an_event_while_a_probe_is_out_is_proof_of_life_and_leaves_it_out() {
        time(1000);
        checker = checker.frameHeard(1999);
        time(2998);
        assertThat(out).hasSize(1);

        time(2999);

        assertThat(out.getLast()).isInstanceOf(ProbeOrder.Lost.class);
    }

    @Test
    void s2_no_answer_by_the_deadline_is_lost() {
        time(1000);
        time(1999);
        assertThat(out).hasSize(1);

        time(2000);

        assertThat(out.getLast()).isEqualTo(new ProbeOrder.Lost("no answer to probe 2 in time"));
        assertThat(checker.nextDeadline()).isEqualTo(Long.MAX_VALUE);
        assertThat(checker.requestSent().requestEnded(3000)).isEqualTo(checker);
    }

    @Test
    void s2_a_wrong_mask_or_a_wrong_sequence_is_a_miss() {
        time(1000);
        answer(Handshake.ACK, GUEST, 2, 1001);
        assertThat(out.getLast()).isEqualTo(new ProbeOrder.Lost("probe answered with mask 0x0B69, expected 0x0A69"));

        checker = Checker.begin(new Checker.Terms(GUEST, 1000, 1000, 1), 0);
        time(1000);
        answer(Handshake.MASK, GUEST, 3, 1001);
        assertThat(out.getLast()).isEqualTo(new ProbeOrder.Lost("probe 2 answered with sequence 3"));
    }

    @Test
    void s2_below_the_threshold_the_same_probe_stays_out_for_another_interval() {
        checker = Checker.begin(new Checker.Terms(GUEST, 1000, 300, 3), 0);
        time(1000);
        assertThat(checker.nextDeadline()).isEqualTo(1300);
        time(1300);
        assertThat(out.getLast()).isEqualTo(new ProbeOrder.Missed(1, "no answer to probe 2 in time"));
        assertThat(checker.nextDeadline()).isEqualTo(2300);
        answer(Handshake.MASK, GUEST, 9, 1500);
        assertThat(out.getLast()).isEqualTo(new ProbeOrder.Missed(2, "probe 2 answered with sequence 9"));

        time(2500);

        assertThat(out.getLast()).isInstanceOf(ProbeOrder.Lost.class);
        assertThat(out).filteredOn(ProbeOrder.SendProbe.class::isInstance).hasSize(1);
    }

    @Test
    void s2_an_answer_after_a_miss_ends_the_row() {
        checker = Checker.begin(new Checker.Terms(GUEST, 1000, 1000, 2), 0);
        time(1000);
        time(2000);
        answer(Handshake.MASK, GUEST, 2, 2500);
        time(3500);
        time(4500);

        assertThat(out.getLast()).isEqualTo(new ProbeOrder.Missed(1, "no answer to probe 3 in time"));
    }

    @Test
    void s2_another_epoch_is_restarted() {
        time(1000);
        answer(Handshake.MASK, OTHER, 2, 1001);

        assertThat(out.getLast()).isEqualTo(new ProbeOrder.Restarted(OTHER));
        assertThat(checker.nextDeadline()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void s1_the_guests_interval_decides_and_is_the_deadline_where_none_was_set() {
        HandshakeReply.Open agreed =
                new HandshakeReply.Open(1, Features.ALL, GUEST, new BootId(1, 2), 100, 1, 0, false, "", "", Set.of());
        LivenessRules strict =
                new LivenessRules(Duration.ofSeconds(2), Optional.of(Duration.ofMillis(30)), 3, Duration.ZERO);

        assertThat(Checker.Terms.of(agreed, LivenessRules.DEFAULT))
                .isEqualTo(new Checker.Terms(GUEST, 100_000_000, 100_000_000, 1));
        assertThat(Checker.Terms.of(agreed, strict)).isEqualTo(new Checker.Terms(GUEST, 100_000_000, 30_000_000, 3));
    }

    @Test
    void s1_the_wished_interval_is_100_ms_to_60_s() {
        assertThat(rules(100).interval()).hasMillis(100);
        assertThat(rules(60_000).interval()).hasMillis(60_000);
        assertThatThrownBy(() -> rules(99)).hasMessageContaining("99 ms");
        assertThatThrownBy(() -> rules(60_001)).hasMessageContaining("60001 ms");
    }

    private static LivenessRules rules(long intervalMs) {
        return new LivenessRules(Duration.ofMillis(intervalMs), Optional.empty(), 1, Duration.ZERO);
    }

    private void time(long now) {
        checker = checker.timePassed(now, out);
    }

    private void answer(int mask, Epoch epoch, long sequence, long now) {
        checker = checker.answered(new HandshakeReply.Probe(mask, epoch, sequence), now, out);
    }
}
