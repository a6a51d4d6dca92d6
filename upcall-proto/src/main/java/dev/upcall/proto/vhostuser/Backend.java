package dev.upcall.proto.vhostuser;

import dev.upcall.proto.vhostuser.Ring.Phase;
import java.util.List;

/// A back-end at one moment. Immutable; [Negotiation] makes the next one.
public sealed interface Backend {

    /// A front-end is connected.
    ///
    /// @param features what SET_FEATURES took of the offer
    /// @param protocolFeatures what SET_PROTOCOL_FEATURES took
    /// @param memory what is mapped
    /// @param toGuest ring 0
    /// @param fromGuest ring 1
    record Talking(long features, long protocolFeatures, List<MemoryRegion> memory, Ring toGuest, Ring fromGuest)
            implements Backend {

        static final Talking NEW = new Talking(0, 0, List.of(), Ring.NEW, Ring.NEW);

        Ring ring(int index) {
            return index == 0 ? toGuest : fromGuest;
        }

        Ring otherThan(int index) {
            return ring(1 - index);
        }

        Talking with(int index, Ring ring) {
            return index == 0
                    ? new Talking(features, protocolFeatures, memory, ring, fromGuest)
                    : new Talking(features, protocolFeatures, memory, toGuest, ring);
        }

        Talking withFeatures(long acknowledged) {
            return new Talking(acknowledged, protocolFeatures, memory, toGuest, fromGuest);
        }

        Talking withProtocolFeatures(long acknowledged) {
            return new Talking(features, acknowledged, memory, toGuest, fromGuest);
        }

        Talking withMemory(List<MemoryRegion> regions) {
            return new Talking(features, protocolFeatures, regions, toGuest, fromGuest);
        }

        boolean isStopping() {
            return toGuest.phase() == Phase.STOPPING || fromGuest.phase() == Phase.STOPPING;
        }
    }

    /// The end: the connection is closed and nothing is held any more. The next front-end begins with
    /// [#begin].
    ///
    /// @param reason empty when the front-end simply went
    record Over(String reason) implements Backend {}

    /// A front-end has just connected.
    static Backend begin() {
        return Talking.NEW;
    }
}
