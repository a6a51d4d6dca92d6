package dev.upcall.client.posix;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RLimitTest {
    @Test
    void the_soft_limit_is_raised_to_the_hard_one() throws PosixException {
        RLimit before = RLimit.ofDescriptors();
        RLimit.set(new RLimit(512, before.hard()));
        try {
            assertThat(RLimit.ofDescriptors().soft()).isEqualTo(512);
            assertThat(RLimit.raiseDescriptors()).isEqualTo(new RLimit(before.hard(), before.hard()));
            assertThat(RLimit.ofDescriptors().soft()).isEqualTo(before.hard());
        } finally {
            RLimit.set(before);
        }
    }
}
