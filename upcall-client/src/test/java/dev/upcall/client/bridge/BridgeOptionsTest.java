package dev.upcall.client.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.client.transport.Target;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BridgeOptionsTest {
    private static final BridgeOptions OPTIONS =
            BridgeOptions.of(Target.parse("hvsock:///run/vm.sock"), GuestEnd.vsock(3));

    @Test
    void have_the_usual_values() {
        assertThat(OPTIONS.listen()).isEqualTo(Path.of("/run/vm.sock"));
        assertThat(OPTIONS.connectionsMax()).isEqualTo(1023);
        assertThat(OPTIONS.bufferBytes()).isEqualTo(65_536);
    }

    @Test
    void the_guest_answers_before_a_client_gives_up() {
        assertThat(OPTIONS.guestDeadline()).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void say_what_is_wrong_and_what_to_change() {
        assertThatThrownBy(() -> OPTIONS.withConnectionsMax(0)).hasMessageContaining("found 0: raise connectionsMax");
        assertThatThrownBy(() -> OPTIONS.withBufferBytes(1)).hasMessageContaining("found 1: raise bufferBytes");
        assertThatThrownBy(() -> OPTIONS.withConnectDeadline(Duration.ZERO)).hasMessageContaining("above zero");
        assertThatThrownBy(() -> BridgeOptions.of(Target.parse("vsock://3"), GuestEnd.vsock(3)))
                .hasMessageContaining("found vsock://3");
    }
}
