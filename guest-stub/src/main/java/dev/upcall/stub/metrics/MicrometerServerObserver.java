package dev.upcall.stub.metrics;

import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.guest.ResultMeaning;
import dev.upcall.proto.message.Operation;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.ReplyFrame;
import dev.upcall.stub.observe.ServerObserver;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/// Counts what a stub is asked and answers. Thread-safe; never blocks.
public final class MicrometerServerObserver implements ServerObserver {

    private final MeterRegistry registry;
    private final AtomicInteger connections = new AtomicInteger();
    private final Counter crashes;
    private final Counter reboots;
    private final Counter restarts;
    private final Counter probes;
    private final Counter executed;
    private final Counter replayed;
    private final Counter acknowledged;
    private final Counter dropped;
    private final Counter heard;

    public MicrometerServerObserver(MeterRegistry registry) {
        this.registry = registry;
        Gauge.builder("upcall.guest.connections", connections, AtomicInteger::get)
                .description("connections the guest holds")
                .strongReference(true)
                .register(registry);
        crashes = Counter.builder("upcall.guest.crashes")
                .description("requests that killed their kernel thread")
                .register(registry);
        reboots = Counter.builder("upcall.guest.reboots")
                .description("boots after the first")
                .register(registry);
        restarts = Counter.builder("upcall.guest.restarts")
                .description("starts of the agent in the same boot")
                .register(registry);
        probes = Counter.builder("upcall.guest.probes")
                .description("probes answered")
                .register(registry);
        executed = once(registry, "executed");
        replayed = once(registry, "replayed");
        acknowledged = Counter.builder("upcall.guest.events.acknowledged")
                .description("events that clients have acknowledged")
                .register(registry);
        dropped = Counter.builder("upcall.guest.events.dropped")
                .description("events given up before a client got them, as told by the next one")
                .register(registry);
        heard = Counter.builder("upcall.guest.events.heard")
                .description("events of hosts")
                .register(registry);
    }

    @Override
    public void opened(long connection) {
        connections.incrementAndGet();
    }

    @Override
    public void closed(long connection, String why) {
        connections.decrementAndGet();
    }

    @Override
    public void requested(long connection, FrameHeader request, long nowNanos) {
        Counter.builder("upcall.guest.requests")
                .description("requests the guest has read")
                .tag("operation", operation(request))
                .register(registry)
                .increment();
    }

    @Override
    public void answered(long connection, ReplyFrame reply, long nowNanos) {
        Counter.builder("upcall.guest.replies")
                .description("replies that were ready, before any mood")
                .tag("operation", operation(reply.header()))
                .tag("result", ResultMeaning.errnoName(reply.result()))
                .register(registry)
                .increment();
    }

    @Override
    public void crashed(long connection, FrameHeader request, long nowNanos) {
        crashes.increment();
    }

    @Override
    public void rebooted(long nowNanos) {
        reboots.increment();
    }

    @Override
    public void restarted(long nowNanos) {
        restarts.increment();
    }

    @Override
    public void proved(long connection, boolean probe) {
        if (probe) {
            probes.increment();
        }
    }

    @Override
    public void executed(long connection, int msgType) {
        executed.increment();
    }

    @Override
    public void replayed(long connection) {
        replayed.increment();
    }

    @Override
    public void eventSent(long connection, EventNotify event) {
        Counter.builder("upcall.guest.events.sent")
                .description("events that left, for each client and connection anew")
                .tag("kind", event.kind().name())
                .register(registry)
                .increment();
        dropped.increment((double) event.dropped());
    }

    @Override
    public void eventsAcknowledged(long count) {
        acknowledged.increment((double) count);
    }

    @Override
    public void heard(Epoch client, EventNotify event) {
        heard.increment();
    }

    private static Counter once(MeterRegistry registry, String how) {
        return Counter.builder("upcall.guest.once")
                .description("EXECUTE_ONCE requests: executed, or replayed from the table")
                .tag("how", how)
                .register(registry);
    }

    /// Unknown types share one name: a hostile client cannot grow the set of meters.
    private static String operation(FrameHeader header) {
        return Operation.ofMsgType(header.msgType()).map(Enum::name).orElse("UNKNOWN");
    }
}
