package dev.upcall.proto.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReconnectPolicyTest {

    private static final Duration MILLI = Duration.ofMillis(1);

    @Test
    void the_first_two_dials_and_a_voluntary_one_do_not_wait() {
        assertThat(ReconnectPolicy.DEFAULT.delayNanos(0)).isZero();
        assertThat(ReconnectPolicy.DEFAULT.delayNanos(1)).isZero();
        assertThat(ReconnectPolicy.DEFAULT.delayNanos(2)).isZero();
    }

    @Test
    void the_pause_doubles_and_is_shortened_by_up_to_half() {
        for (long seed = 0; seed < 1_000; seed++) {
            ReconnectPolicy policy = ReconnectPolicy.DEFAULT.withSeed(seed);
            for (int attempt = 3; attempt < 13; attempt++) {
                long whole = MILLI.toNanos() << (attempt - 3);
                assertThat(policy.delayNanos(attempt))
                        .as("seed %d attempt %d", seed, attempt)
                        .isBetween(whole / 2, whole);
            }
        }
    }

    @Test
    void no_pause_is_longer_than_the_longest_however_many_attempts_there_were() {
        for (int attempt : new int[] {13, 20, 33, 34, 43, 66, 1_000_000, Integer.MAX_VALUE}) {
            assertThat(ReconnectPolicy.DEFAULT.delayNanos(attempt)).isBetween(500_000_000L, 1_000_000_000L);
        }
    }

    @Test
    void a_long_first_pause_does_not_overflow() {
        ReconnectPolicy slow = new ReconnectPolicy(9, Duration.ofSeconds(10), Duration.ofMinutes(10), 1);
        for (int attempt = 3; attempt < 200; attempt++) {
            assertThat(slow.delayNanos(attempt)).as("attempt %d", attempt).isBetween(5_000_000_000L, 600_000_000_000L);
        }
    }

    @Test
    void the_same_seed_gives_the_same_pauses_and_another_seed_others() {
        ReconnectPolicy one = ReconnectPolicy.DEFAULT.withSeed(1);

        assertThat(one.delayNanos(12))
                .isEqualTo(ReconnectPolicy.DEFAULT.withSeed(1).delayNanos(12));
        assertThat(one.delayNanos(12)).isNotEqualTo(one.withSeed(2).delayNanos(12));
        assertThat(one.delayNanos(14)).isNotEqualTo(one.delayNanos(15));
    }

    @Test
    void impossible_values_are_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ReconnectPolicy(0, MILLI, MILLI, 0))
                .withMessageContaining(": 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ReconnectPolicy(1, Duration.ZERO, MILLI, 0))
                .withMessageContaining("PT0S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ReconnectPolicy(1, MILLI.multipliedBy(2), MILLI, 0))
                .withMessageContaining("longest PT0.001S");
    }
}
