package dev.upcall.proto.extension.event;

import dev.upcall.proto.extension.EventAck;
import dev.upcall.proto.extension.EventNotify;

/// What a receiver wants done, in order.
public sealed interface EventOrder {

    /// Hand it to the listener: it comes once, and after every earlier one.
    record Deliver(EventNotify event) implements EventOrder {}

    /// Tell the listener that these will never come; the next order delivers the event behind them.
    ///
    /// @param first the first sequence that is missing
    /// @param last the last one
    /// @param told how many the sender says it gave up; only checked, the sequence decides
    record Gap(long first, long last, long told) implements EventOrder {
        public long count() {
            return last - first + 1;
        }
    }

    /// Write this acknowledgement.
    record SendAck(EventAck ack) implements EventOrder {}

    /// Nothing to do but to count it.
    record Discard(EventNotify event, Cause cause) implements EventOrder {}

    enum Cause {
        /// At or below the last one seen; acknowledged again.
        DUPLICATE,
        /// Of another epoch than the session's.
        FOREIGN_EPOCH
    }
}
