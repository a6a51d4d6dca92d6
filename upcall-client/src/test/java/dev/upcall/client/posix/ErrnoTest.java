package dev.upcall.client.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ErrnoTest {
    @Test
    void is_told_by_name_and_meaning() {
        assertThat(Errno.ECONNREFUSED).hasToString("ECONNREFUSED (nobody listens)");
    }

    @Test
    void an_unknown_number_stays_a_number() {
        assertThat(new Errno(4095)).hasToString("errno 4095");
    }

    @Test
    void is_positive() {
        assertThatThrownBy(() -> new Errno(0)).hasMessageContaining("0");
    }

    @Test
    void knows_what_is_lost_and_what_is_only_late() {
        assertThat(Errno.EPIPE.meansLost()).isTrue();
        assertThat(Errno.ECONNRESET.meansLost()).isTrue();
        assertThat(Errno.EAGAIN.meansWouldBlock()).isTrue();
        assertThat(Errno.EAGAIN.meansLost()).isFalse();
    }

    @Test
    void is_captured_from_a_call_that_fails() {
        PosixException thrown = assertThrows(PosixException.class, () -> Libc.checked("close", Libc.close(1_000_000)));
        assertThat(thrown.errno().number()).isEqualTo(9);
        assertThat(thrown).hasMessage("close: errno 9");
    }
}
