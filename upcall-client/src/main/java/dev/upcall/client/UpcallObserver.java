package dev.upcall.client;

import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.State;
import dev.upcall.proto.session.extended.News;
import dev.upcall.proto.session.request.Outcome;
import java.nio.ByteBuffer;

/// Sees what a client does: for logs, metrics, traces, a terminal. Every method runs on the guest's event loop and
/// must not block; what it throws is dropped after being logged.
public interface UpcallObserver {

    /// The session's state changed. `Reconnecting` and `GivenUp` carry the reason.
    default void stateChanged(UpcallClient client, State before, State after) {}

    /// A request's frame is about to leave. A repeated request leaves more than once.
    default void requestSent(UpcallClient client, Request request) {}

    /// A request ended.
    ///
    /// @param elapsedNanos from submission
    default void requestCompleted(UpcallClient client, Request request, Outcome outcome, long elapsedNanos) {}

    /// The reply to a request that had ended as `Unknown` arrived after all.
    default void lateReply(UpcallClient client, Request request, Outcome outcome) {}

    /// An extended guest has let something be known: verdicts, BIND and UNBIND, events, probes. In order.
    default void told(UpcallClient client, News news) {}

    /// Bytes on the wire, either direction; only where [#traces] is true. Valid during the call only.
    default void traffic(UpcallClient client, boolean toGuest, ByteBuffer bytes) {}

    /// Whether [#traffic] is wanted.
    default boolean traces() {
        return false;
    }
}
