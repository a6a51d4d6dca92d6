package dev.upcall.proto.extension.event;

import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventAck;
import dev.upcall.proto.extension.EventNotify;
import java.time.Duration;
import java.util.List;

/// The receiving end of an event stream (§3): each event once, in order, gaps told, acknowledged in time.
/// Immutable; the table is in the package's documentation.
///
/// @param sender whose events are taken
/// @param last the last sequence seen; [#NOTHING_KNOWN] when the next event, whichever it is, begins the stream
/// @param owed events since the last acknowledgement, duplicates included
/// @param ackBy when it is due; `Long.MAX_VALUE` while none is owed
public record EventReceiver(Epoch sender, long last, int owed, long ackBy) {

    /// An acknowledgement is due after so many events …
    public static final int ACK_EVENTS = 32;

    /// … or so long after the first of them.
    public static final Duration ACK_WITHIN = Duration.ofMillis(100);

    /// Before the first event of a sender that has not said where it begins.
    public static final long NOTHING_KNOWN = -1;

    private static final long NEVER = Long.MAX_VALUE;

    /// A stream that goes on after `last`.
    public static EventReceiver after(Epoch sender, long last) {
        return new EventReceiver(sender, last, 0, NEVER);
    }

    /// A stream that begins with whatever comes first.
    public static EventReceiver fresh(Epoch sender) {
        return after(sender, NOTHING_KNOWN);
    }

    public EventReceiver receive(EventNotify event, long now, List<? super EventOrder> out) {
        return receive(event, now, true, out);
    }

    /// @param counts false where events are acknowledged only once they are taken: whoever counts what is taken says
    ///     when 32 of them are ([#acknowledged]), and only time and a terminal event make one due here
    public EventReceiver receive(EventNotify event, long now, boolean counts, List<? super EventOrder> out) {
        if (!event.epoch().equals(sender)) {
            out.add(new EventOrder.Discard(event, EventOrder.Cause.FOREIGN_EPOCH));
            return this;
        }
        if (last != NOTHING_KNOWN && event.sequence() <= last) {
            out.add(new EventOrder.Discard(event, EventOrder.Cause.DUPLICATE));
            return owing(last, false, counts, now, out);
        }
        if (last != NOTHING_KNOWN && event.sequence() > last + 1) {
            out.add(new EventOrder.Gap(last + 1, event.sequence() - 1, event.dropped()));
        }
        out.add(new EventOrder.Deliver(event));
        // The sender of a terminal event waits for nothing else.
        return owing(event.sequence(), event.kind().isTerminal(), counts, now, out);
    }

    public EventReceiver timePassed(long now, List<? super EventOrder> out) {
        return now < ackBy ? this : acknowledging(last, out);
    }

    /// All of it was acknowledged by whoever counts what is taken.
    public EventReceiver acknowledged() {
        return after(sender, last);
    }

    /// The connection is gone: what is owed is told by the next opening's `resume_after_event`.
    public EventReceiver closed() {
        return after(sender, last);
    }

    /// What an opening says to have seen, 0 for nothing.
    public long resumeAfter() {
        return Math.max(last, 0);
    }

    /// When [#timePassed] must be called at the latest; `Long.MAX_VALUE` for never.
    public long nextDeadline() {
        return ackBy;
    }

    private EventReceiver owing(long seen, boolean atOnce, boolean counts, long now, List<? super EventOrder> out) {
        return atOnce || (counts && owed + 1 >= ACK_EVENTS)
                ? acknowledging(seen, out)
                : new EventReceiver(sender, seen, owed + 1, Math.min(ackBy, now + ACK_WITHIN.toNanos()));
    }

    private EventReceiver acknowledging(long seen, List<? super EventOrder> out) {
        if (seen > 0) { // 0 was told by an opening: there is no event to acknowledge
            out.add(new EventOrder.SendAck(new EventAck(sender, seen)));
        }
        return after(sender, seen);
    }
}
