package dev.upcall.proto.extension;

import java.util.Optional;

/// One life of a side: random, never 0. A guest has a new one whenever its once-table or event sequence is
/// lost, a client object has one for all its connections (§1).
///
/// @param value any 64 bits but 0, which stands for "none" on the wire
public record Epoch(long value) {

    public Epoch {
        if (value == 0) {
            throw new IllegalArgumentException("epoch must not be 0: that means none");
        }
    }

    /// From the wire: empty for 0.
    public static Optional<Epoch> ofWire(long value) {
        return value == 0 ? Optional.empty() : Optional.of(new Epoch(value));
    }

    @Override
    public String toString() {
        return "%016x".formatted(value);
    }
}
