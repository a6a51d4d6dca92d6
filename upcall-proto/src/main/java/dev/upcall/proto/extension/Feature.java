package dev.upcall.proto.extension;

/// What a client can offer and a guest accept, and its bit in the feature sets (§1).
public enum Feature {
    /// Probes while idle (§2).
    LIVENESS(0),
    /// Events in both directions (§3).
    EVENTS(1),
    /// What the guest has (§4).
    INVENTORY(2),
    /// EXECUTE_ONCE (§5).
    EXACTLY_ONCE(3),
    /// Reserved for later work, as are the following.
    DEVICE_STOP(4),
    VIRTQUEUE_STATE(5),
    VIRTQUEUE_INFLIGHT(6),
    EVENT_CHANNELS(7);

    private final int bit;

    Feature(int bit) {
        this.bit = bit;
    }

    /// Its place in a feature set.
    public int bit() {
        return bit;
    }
}
