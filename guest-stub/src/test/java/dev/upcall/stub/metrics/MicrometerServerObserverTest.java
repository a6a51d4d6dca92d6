package dev.upcall.stub.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.FrameLayout;
import dev.upcall.proto.wire.ReplyFrame;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class MicrometerServerObserverTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final MicrometerServerObserver observer = new MicrometerServerObserver(registry);

    @Test
    void requests_and_replies_are_counted_by_operation_and_result() {
        FrameHeader addMmio = new FrameHeader(FrameLayout.MAGIC, 24, 5, 0);
        observer.opened(1);
        observer.requested(1, addMmio, 0);
        observer.answered(1, new ReplyFrame(addMmio, -17, 0), 0);
        assertThat(registry.get("upcall.guest.connections").gauge().value()).isEqualTo(1);
        assertThat(registry.get("upcall.guest.requests")
                        .tag("operation", "ADD_MMIO")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("upcall.guest.replies")
                        .tag("result", "EEXIST")
                        .counter()
                        .count())
                .isEqualTo(1);
        observer.closed(1, "end of stream");
        assertThat(registry.get("upcall.guest.connections").gauge().value()).isZero();
    }

    @Test
    void a_client_that_invents_types_does_not_invent_meters() {
        for (int type = 1000; type < 1100; type++) {
            observer.requested(1, new FrameHeader(FrameLayout.MAGIC, 0, type, 0), 0);
        }
        assertThat(registry.find("upcall.guest.requests").counters()).hasSize(1);
    }
}
