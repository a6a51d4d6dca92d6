package dev.upcall.proto.guest;

import dev.upcall.proto.message.Request;

/// Whether a request may leave for the guest now.
public sealed interface Verdict {

    /// It may.
    ///
    /// @param request what to send: the request itself, or the same removal in an order that the guest survives
    record Safe(Request request) implements Verdict {}

    /// It must not.
    ///
    /// @param hazard what would happen
    /// @param why one sentence with the values, and what to do instead
    record Unsafe(Hazard hazard, String why) implements Verdict {}
}
