package dev.upcall.client.bridge.vhost;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/// What a device has carried since it was made. Written by its thread, read by any.
public final class DeviceCounters {
    /// What is counted.
    public enum Kind {
        /// Data packets, without those that only manage a stream.
        PACKETS_TO_GUEST,
        PACKETS_FROM_GUEST,
        BYTES_TO_GUEST,
        BYTES_FROM_GUEST,
        /// Streams that were opened.
        STREAMS_TO_GUEST,
        STREAMS_FROM_GUEST,
        /// Packets of the guest that were answered by a reset.
        REFUSED,
        /// Streams that ended without both sides having finished.
        RESETS,
        /// Front-ends that have come: one per VM.
        FRONT_ENDS,
        /// Rings that the guest broke.
        BROKEN
    }

    private final Map<Kind, Count> counts = new EnumMap<>(Kind.class);

    /// One number, written by one thread.
    private static final class Count {
        private static final VarHandle NUMBER;

        static {
            try {
                NUMBER = MethodHandles.lookup().findVarHandle(Count.class, "number", long.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private long number;

        void add(long more) {
            NUMBER.setOpaque(this, number + more);
        }

        long now() {
            return (long) NUMBER.getOpaque(this);
        }
    }

    DeviceCounters() {
        for (Kind kind : Kind.values()) {
            counts.put(kind, new Count());
        }
    }

    /// Now, or a moment ago.
    public long of(Kind kind) {
        return count(kind).now();
    }

    void add(Kind kind, long more) {
        count(kind).add(more);
    }

    private Count count(Kind kind) {
        return Objects.requireNonNull(counts.get(kind), "every kind has its number");
    }
}
