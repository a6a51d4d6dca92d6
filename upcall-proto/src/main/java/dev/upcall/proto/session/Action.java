package dev.upcall.proto.session;

import dev.upcall.proto.extension.ExecuteOnce;
import dev.upcall.proto.extension.FromHost;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.extended.News;
import dev.upcall.proto.session.extended.WishAnswer;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Pending;

/// What the driver is to do: orders, in the imperative. All of them, in order, before the next event.
public sealed interface Action {

    /// Open a new transport to the target under this number. It replaces none: the old one was dropped before.
    record OpenTransport(long epoch) implements Action {}

    /// Close this transport. Facts about it that still arrive are ignored.
    record DropTransport(long epoch) implements Action {}

    /// Write the hybrid `CONNECT` line, in one piece.
    record SendConnectLine(long epoch) implements Action {}

    /// Write the byte that selects the device manager.
    record SendServiceByte(long epoch) implements Action {}

    /// Write this request's 1024 bytes, in one piece.
    record Transmit(long epoch, Request request) implements Action {}

    /// Write this request as EXECUTE_ONCE, in one piece.
    ///
    /// @param request what is carried out
    record TransmitOnce(long epoch, Request request, ExecuteOnce once) implements Action {}

    /// Write this message of the extensions, in one piece.
    record Send(long epoch, FromHost message) implements Action {}

    /// Tell whoever watches.
    record Tell(News news) implements Action {}

    /// A wish has ended. Exactly once for each that is answered at all.
    record AnswerWish(Object ticket, WishAnswer answer) implements Action {}

    /// A request has ended. Exactly once for each submitted one.
    record Complete(Pending pending, Outcome outcome) implements Action {}

    /// The reply to a request that had ended as `Unknown` arrived after all: this is the truth.
    record CompleteLate(Pending pending, Outcome outcome) implements Action {}
}
