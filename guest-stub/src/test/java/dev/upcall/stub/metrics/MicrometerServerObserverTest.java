package dev.upcall.stub.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.EventNotify;
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
    void what_an_extended_guest_does_is_counted() {
        EventNotify event =
                new EventNotify(new Epoch(1), 4, EventKind.CPU_ONLINE, DeviceReference.NONE, Bytes.EMPTY, 0, 3);
        observer.proved(1, false);
        observer.proved(1, true);
        observer.executed(1, 1);
        observer.replayed(1);
        observer.replayed(1);
        observer.eventSent(1, event);
        observer.eventsAcknowledged(5);
        observer.heard(new Epoch(2), event);
        observer.restarted(0);
        assertThat(count("upcall.guest.probes")).isEqualTo(1);
        assertThat(registry.get("upcall.guest.once")
                        .tag("how", "executed")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("upcall.guest.once")
                        .tag("how", "replayed")
                        .counter()
                        .count())
                .isEqualTo(2);
        assertThat(registry.get("upcall.guest.events.sent")
                        .tag("kind", "CPU_ONLINE")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(count("upcall.guest.events.dropped")).isEqualTo(3);
        assertThat(count("upcall.guest.events.acknowledged")).isEqualTo(5);
        assertThat(count("upcall.guest.events.heard")).isEqualTo(1);
        assertThat(count("upcall.guest.restarts")).isEqualTo(1);
    }

    private double count(String meter) {
        return registry.get(meter).counter().count();
    }

    @Test
    void a_client_that_invents_types_does_not_invent_meters() {
        for (int type = 1000; type < 1100; type++) {
            observer.requested(1, new FrameHeader(FrameLayout.MAGIC, 0, type, 0), 0);
        }
        assertThat(registry.find("upcall.guest.requests").counters()).hasSize(1);
    }
}
