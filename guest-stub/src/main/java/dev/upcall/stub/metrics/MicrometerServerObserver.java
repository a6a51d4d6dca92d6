package dev.upcall.stub.metrics;

import dev.upcall.proto.guest.ResultMeaning;
import dev.upcall.proto.message.Operation;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.ReplyFrame;
import dev.upcall.stub.service.ServerObserver;
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

    /// Unknown types share one name: a hostile client cannot grow the set of meters.
    private static String operation(FrameHeader header) {
        return Operation.ofMsgType(header.msgType()).map(Enum::name).orElse("UNKNOWN");
    }
}
