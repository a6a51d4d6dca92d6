package dev.upcall.client.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.client.bridge.BridgeObserver.Direction;
import dev.upcall.client.bridge.CloseReason;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class MicrometerBridgeObserverTest {

    @Test
    void connections_are_counted_while_they_last_and_bytes_when_they_end() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        MicrometerBridgeObserver observer = new MicrometerBridgeObserver(registry);
        observer.accepted(1, Direction.HOST_TO_GUEST);
        observer.opened(1, Direction.HOST_TO_GUEST, 219);
        assertThat(registry.get("upcall.bridge.connections").gauge().value()).isEqualTo(1);
        observer.closed(1, Direction.HOST_TO_GUEST, CloseReason.FINISHED, "", 1025, 2048);
        assertThat(registry.get("upcall.bridge.connections").gauge().value()).isZero();
        assertThat(registry.get("upcall.bridge.bytes")
                        .tag("direction", "to_caller")
                        .counter()
                        .count())
                .isEqualTo(2048);
    }

    @Test
    void one_over_the_limit_was_never_a_connection() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        MicrometerBridgeObserver observer = new MicrometerBridgeObserver(registry);
        observer.closed(7, Direction.HOST_TO_GUEST, CloseReason.LIMIT, "", 0, 0);
        assertThat(registry.get("upcall.bridge.connections").gauge().value()).isZero();
        assertThat(registry.get("upcall.bridge.closed")
                        .tag("reason", "limit")
                        .counter()
                        .count())
                .isEqualTo(1);
    }
}
