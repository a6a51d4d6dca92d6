package dev.upcall.proto.extension.liveness;

/// What becomes of the devices that were plugged into a guest that is lost (§2).
public enum RemovalPolicy {
    /// They are dropped from the client's picture at once, and a new guest is bound.
    AUTO,
    /// They stay as lost until somebody unregisters them; only then a new guest may be bound.
    MANUAL
}
