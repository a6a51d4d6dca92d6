package dev.upcall.proto.extension.liveness;

/// What first said that a guest is gone (§2), quickest first. The others change nothing.
public enum LossCause {
    /// A terminal event: the guest has said so itself.
    ORDERLY_EXIT,
    /// End of stream or reset.
    CONNECTION,
    /// A probe was not answered.
    PROBE,
    /// Another epoch answered: the guest has restarted.
    RESTARTED
}
