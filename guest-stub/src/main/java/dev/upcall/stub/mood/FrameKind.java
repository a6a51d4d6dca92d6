package dev.upcall.stub.mood;

/// What a frame that leaves is, as far as moods tell frames apart.
public enum FrameKind {
    /// The CONNECT frame.
    GREETING,
    /// The answer to an operation, plain or inside EXECUTE_ONCE: the one that `lose` and `crash` wait for.
    REPLY,
    /// Another answer of an extended guest: a handshake, an inventory page, a refusal.
    ANSWER,
    /// An event or an acknowledgement.
    NOTIFICATION
}
