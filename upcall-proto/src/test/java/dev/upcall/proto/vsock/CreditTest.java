package dev.upcall.proto.vsock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class CreditTest {

    private final Credit credit = new Credit(1000);

    @Test
    void what_the_peer_can_take_is_its_buffer_less_what_it_has_not_passed_on() {
        credit.heard(500, 0);
        credit.sent(300);
        assertThat(credit.free()).isEqualTo(200);
        credit.heard(500, 250);
        assertThat(credit.free()).isEqualTo(450);
        assertThat(credit.unread()).isEqualTo(50);
    }

    @Test
    void a_peer_that_shrinks_its_buffer_or_lies_has_nothing_free() {
        credit.heard(500, 0);
        credit.sent(300);
        credit.heard(100, 0);
        assertThat(credit.free()).isZero();
        credit.heard(500, 301);
        assertThat(credit.free()).isZero();
        credit.heard(-1, 300);
        assertThat(credit.free()).isEqualTo(0xFFFF_FFFFL);
    }

    @Test
    void counters_go_on_across_their_wrap() {
        Random random = new Random(7);
        long sent = 0;
        long forwarded = 0;
        while (sent < 3L << 32) {
            credit.heard(1 << 30, (int) forwarded);
            assertThat(credit.free()).isEqualTo((1 << 30) - (sent - forwarded));
            int n = random.nextInt((int) credit.free() + 1);
            credit.sent(n);
            sent += n;
            forwarded += random.nextLong(sent - forwarded + 1);
        }
    }

    @Test
    void no_more_is_taken_than_was_allowed() {
        assertThat(credit.received(1000)).isTrue();
        assertThat(credit.received(1)).isFalse();
        credit.forwarded(400);
        assertThat(credit.received(401)).isFalse();
        assertThat(credit.received(-1)).isFalse();
        assertThat(credit.received(400)).isTrue();
        assertThat(credit.held()).isEqualTo(1000);
        assertThatThrownBy(() -> credit.forwarded(1001)).hasMessage("1001 bytes left of 1000 that were held");
    }

    @Test
    void the_peer_is_told_when_it_believes_that_less_than_half_is_free() {
        credit.received(500);
        credit.forwarded(500);
        assertThat(credit.isNews()).isFalse();
        credit.received(1);
        assertThat(credit.isNews()).isTrue();
        assertThat(credit.tell()).isEqualTo(500);
        assertThat(credit.isNews()).isFalse();
    }

    /// A sender that obeys and waits only when nothing is free is never left waiting for ever.
    @Test
    void an_obedient_peer_is_never_forgotten() {
        for (int seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            Credit ours = new Credit(1000);
            int sent = 0;
            int told = 0;
            for (int i = 0; i < 100; i++) {
                int believedFree = 1000 - (sent - told);
                int n = random.nextInt(believedFree + 1);
                assertThat(ours.received(n)).isTrue();
                sent += n;
                ours.forwarded(random.nextInt((int) ours.held() + 1));
                if (ours.isNews()) {
                    told = ours.tell();
                }
                if (ours.held() == 0) {
                    assertThat(1000 - (sent - told)).as("seed %d", seed).isGreaterThanOrEqualTo(500);
                }
            }
        }
    }
}
