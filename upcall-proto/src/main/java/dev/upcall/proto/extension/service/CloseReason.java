package dev.upcall.proto.extension.service;

/// Why the guest closes a connection; each is counted ([ExtensionService#closed]).
public enum CloseReason {
    /// A notification on a connection that has not been opened by HANDSHAKE (§6).
    BEFORE_HANDSHAKE,
    /// A notification whose size, syntax or content is wrong, or of a type nobody knows (§6).
    UNDECODABLE,
    /// A notification of a feature that was not negotiated.
    NOT_NEGOTIATED,
    /// OPEN offered no version that the guest speaks: answered −93 (§1).
    NO_COMMON_VERSION,
    /// All 64 client epochs have an open connection: answered −11 (§5).
    EPOCHS_IN_USE,
    /// The guest has announced its end (§3).
    LEFT
}
