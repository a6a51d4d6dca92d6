package dev.upcall.proto.guest;

/// What a request would do to the guest, or why nobody can know. The reasons of `UnsafeForGuest`.
public enum Hazard {
    /// The guest kernel reads out of bounds and that connection is dead (5.4).
    CRASHES_GUEST,
    /// The request works but leaves a CPU that no later request can find; removing it would crash (5.4).
    BLINDS_GUEST,
    /// An earlier request's outcome is unknown and this one would build on it (5.7).
    IN_DOUBT,
    /// The connection was lost since the picture was taken: the guest may have restarted with other CPUs.
    PICTURE_STALE,
    /// The request would remove the device that the connection runs over and is never answered (5.8).
    CUTS_OWN_WIRE,
    /// arm64: without knowing how many CPUs the guest may have, ADD_CPU may dereference NULL under the hotplug lock.
    CAPACITY_UNKNOWN,
    /// The request is of the other architecture: its load would be read as something else.
    WRONG_ARCHITECTURE
}
