package dev.upcall.client.metrics;

import dev.upcall.client.bridge.BridgeObserver;
import dev.upcall.client.bridge.CloseReason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/// Counts what a bridge relays. Thread-safe; never blocks.
public final class MicrometerBridgeObserver implements BridgeObserver {

    private final AtomicInteger connections = new AtomicInteger();
    private final Map<CloseReason, Counter> closed = new EnumMap<>(CloseReason.class);
    private final Map<Direction, Counter> opened = new EnumMap<>(Direction.class);
    private final Counter toCallee;
    private final Counter toCaller;

    public MicrometerBridgeObserver(MeterRegistry registry) {
        Gauge.builder("upcall.bridge.connections", connections, AtomicInteger::get)
                .description("connections the bridge holds, opened or not")
                .strongReference(true)
                .register(registry);
        for (CloseReason reason : CloseReason.values()) {
            closed.put(
                    reason,
                    Counter.builder("upcall.bridge.closed")
                            .description("connections that ended")
                            .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
        for (Direction direction : Direction.values()) {
            opened.put(
                    direction,
                    Counter.builder("upcall.bridge.opened")
                            .description("connections whose callee answered")
                            .tag("direction", direction.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
        toCallee = bytes("to_callee", registry);
        toCaller = bytes("to_caller", registry);
    }

    @Override
    public void accepted(long id, Direction direction) {
        connections.incrementAndGet();
    }

    @Override
    public void opened(long id, Direction direction, long port) {
        Counter counter = opened.get(direction);
        if (counter != null) {
            counter.increment();
        }
    }

    @Override
    public void closed(
            long id, Direction direction, CloseReason reason, String detail, long sentToCallee, long sentToCaller) {
        if (reason != CloseReason.LIMIT) { // one over the limit was never accepted
            connections.decrementAndGet();
        }
        Counter counter = closed.get(reason);
        if (counter != null) {
            counter.increment();
        }
        toCallee.increment((double) sentToCallee);
        toCaller.increment((double) sentToCaller);
    }

    private static Counter bytes(String direction, MeterRegistry registry) {
        return Counter.builder("upcall.bridge.bytes")
                .description("bytes relayed by connections that ended")
                .tag("direction", direction)
                .register(registry);
    }
}
