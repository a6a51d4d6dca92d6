package dev.upcall.client.session;

import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.Session;
import dev.upcall.proto.session.extended.News;
import dev.upcall.proto.session.extended.WishAnswer;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Pending;
import java.nio.ByteBuffer;

/// What a driver tells its owner. Every method runs on the session's event loop and must not block.
public interface SessionListener {

    /// The state record changed (not only the queue or the picture).
    default void stateChanged(Session before, Session after) {}

    /// The request's 1024 bytes are about to leave.
    default void sent(Request request) {}

    /// A request ended. Exactly once for each.
    void completed(Pending pending, Outcome outcome);

    /// The reply to a request that had ended as `Unknown` arrived after all.
    void completedLate(Pending pending, Outcome outcome);

    /// An extended guest has let something be known.
    default void told(News news) {}

    /// A wish has ended. Exactly once for each that is answered at all.
    default void wishEnded(Object ticket, WishAnswer answer) {}

    /// Bytes on the wire, for a trace; only called where [#traces] says so. Valid during the call only.
    default void traffic(boolean toGuest, ByteBuffer bytes) {}

    /// Whether [#traffic] is wanted. Asked once per transport.
    default boolean traces() {
        return false;
    }
}
