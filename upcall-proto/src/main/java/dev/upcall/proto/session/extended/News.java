package dev.upcall.proto.session.extended;

import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.extension.event.EventOrder;
import dev.upcall.proto.extension.liveness.BindingOrder;
import dev.upcall.proto.extension.liveness.Verdict;
import dev.upcall.proto.message.Request;
import java.util.Optional;

/// What an extended guest lets its client know, for whoever watches. In the order in which it became known.
public sealed interface News {

    /// The guest has answered the opening: what was agreed, or that it is a stock one.
    record Greeted(Optional<HandshakeReply.Open> agreed) implements News {}

    /// Another verdict than the one before.
    record Judged(Verdict verdict) implements News {}

    /// BIND, UNBIND or REMOVED.
    record Binding(BindingOrder order) implements News {}

    /// An event, once and in order.
    record Happened(EventNotify event) implements News {}

    /// Events that will never come; the next news is the one behind them.
    record Missed(EventOrder.Gap gap) implements News {}

    /// An event that nobody is told of.
    record Discarded(EventOrder.Discard what) implements News {}

    record Probed(Probe result) implements News {}

    /// A repeated EXECUTE_ONCE met the recorded outcome: nothing was carried out twice.
    record Replayed(Request request) implements News {}

    /// How a probe ended.
    enum Probe {
        ALIVE,
        /// Not answered as it should, and below the threshold.
        MISSED,
        LOST,
        RESTARTED
    }
}
