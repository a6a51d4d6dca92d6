package dev.upcall.client.bridge;

/// Why a connection of the bridge ended. Its caller is never told: the stream just ends.
public enum CloseReason {
    /// Both directions came to their end.
    FINISHED("both sides have finished"),
    /// The bridge holds as many connections as it may.
    LIMIT("too many connections"),
    /// The caller left before it had said whom it wants.
    NO_LINE("the caller left before its CONNECT line"),
    /// What the caller said is no `CONNECT <port>` line.
    BAD_LINE("the CONNECT line is malformed"),
    /// The CONNECT line did not come in time.
    LINE_LATE("no CONNECT line within the deadline"),
    /// The caller left, or sent more than can be kept, while the callee was being dialled.
    CALLER_HASTY("the caller did not wait for the callee"),
    /// Nobody listens on the callee's port.
    CALLEE_REFUSED("the callee refused"),
    /// The callee did not answer in time.
    CALLEE_LATE("no answer from the callee within the deadline"),
    /// The caller's connection broke, or it closed while the callee was still sending.
    CALLER_LOST("the caller's connection was lost"),
    /// The callee's connection broke, or it closed while the caller was still sending.
    CALLEE_LOST("the callee's connection was lost"),
    /// Both had finished, but one did not take the last bytes in time.
    DRAIN_LATE("the last bytes were not taken within the deadline"),
    /// The bridge was closed.
    BRIDGE_CLOSED("the bridge was closed");

    private final String sentence;

    CloseReason(String sentence) {
        this.sentence = sentence;
    }

    /// For people.
    public String sentence() {
        return sentence;
    }
}
