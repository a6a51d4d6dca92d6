package dev.upcall.proto.extension.liveness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.Epoch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// §2: four sources of loss, the first wins.
class PresenceTest {

    private static final Epoch FIRST = new Epoch(1);
    private static final Epoch SECOND = new Epoch(2);
    private static final Duration GRACE = Duration.ofNanos(500);

    private final List<Verdict> out = new ArrayList<>();
    private Presence presence = Presence.unmet().alive(FIRST, new ArrayList<>());

    @Test
    void s2_a_terminal_event_wins_and_the_end_of_stream_adds_nothing() {
        presence = presence.leaving(out).connectionLost(Duration.ZERO, 0, out).probeLost(out);

        assertThat(out).containsExactly(new Verdict.Lost(FIRST, LossCause.ORDERLY_EXIT));
    }

    @Test
    void s2_an_end_of_stream_is_lost_at_once() {
        presence = presence.connectionLost(Duration.ZERO, 0, out).probeLost(out).leaving(out);

        assertThat(out).containsExactly(new Verdict.Lost(FIRST, LossCause.CONNECTION));
    }

    @Test
    void s2_a_lost_probe_wins_and_the_connection_it_closes_adds_nothing() {
        presence = presence.probeLost(out).connectionLost(GRACE, 0, out).timePassed(1000, out);

        assertThat(out).containsExactly(new Verdict.Lost(FIRST, LossCause.PROBE));
    }

    @Test
    void s2_another_epoch_at_the_next_opening_is_restarted() {
        presence = presence.alive(SECOND, out).alive(SECOND, out);

        assertThat(out).containsExactly(new Verdict.Restarted(FIRST, SECOND), new Verdict.Alive(SECOND));
    }

    @Test
    void s2_back_within_the_grace_with_the_same_epoch_nothing_has_happened() {
        presence = presence.connectionLost(GRACE, 100, out).timePassed(599, out);
        assertThat(presence.nextDeadline()).isEqualTo(600);

        presence = presence.alive(FIRST, out);

        assertThat(out).containsExactly(new Verdict.Alive(FIRST));
        assertThat(presence.nextDeadline()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void s2_not_back_within_the_grace_is_lost_when_it_ends() {
        presence = presence.connectionLost(GRACE, 100, out).timePassed(600, out);
        presence = presence.alive(FIRST, out);

        assertThat(out).containsExactly(new Verdict.Lost(FIRST, LossCause.CONNECTION), new Verdict.Alive(FIRST));
    }

    @Test
    void s2_back_within_the_grace_with_another_epoch_is_restarted() {
        presence.connectionLost(GRACE, 100, out).alive(SECOND, out);

        assertThat(out).containsExactly(new Verdict.Restarted(FIRST, SECOND));
    }

    @Test
    void s2_a_second_loss_does_not_lengthen_the_grace() {
        presence = presence.connectionLost(GRACE, 100, out).connectionLost(GRACE, 500, out);

        assertThat(presence.nextDeadline()).isEqualTo(600);
    }

    @Test
    void s2_a_guest_that_was_never_met_cannot_be_lost() {
        Presence unmet = Presence.unmet();

        assertThat(unmet.leaving(out).probeLost(out).connectionLost(Duration.ZERO, 0, out))
                .isEqualTo(unmet);
        assertThat(out).isEmpty();
    }
}
