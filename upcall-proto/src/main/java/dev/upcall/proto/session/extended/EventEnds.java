package dev.upcall.proto.session.extended;

import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.event.EventReceiver;
import dev.upcall.proto.extension.event.EventSender;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Both ends of the event streams between a client and its guest (§3). They outlast connections.
///
/// @param receiver of the guest's events; null before the first opening
/// @param taken up to which event whoever listens has taken them; [#AS_THEY_COME] while nobody holds any back
/// @param acknowledged up to which event the guest was told on this connection
/// @param sender of this client's events
/// @param offers those of them that wait for their acknowledgement, by sequence
public record EventEnds(
        @Nullable EventReceiver receiver, long taken, long acknowledged, EventSender sender, List<Offer> offers) {

    public static final long AS_THEY_COME = Long.MAX_VALUE;

    /// @param ticket of the wish
    public record Offer(long sequence, Object ticket) {}

    public EventEnds {
        offers = List.copyOf(offers);
    }

    public static EventEnds begin(Epoch client) {
        return new EventEnds(null, AS_THEY_COME, 0, EventSender.startingAt(client, 1), List.of());
    }

    /// The last event that may be acknowledged: received, and taken where it is held back. 0 for none.
    public long seen() {
        return receiver == null ? 0 : Math.min(receiver.resumeAfter(), taken);
    }

    public EventEnds closed() {
        return new EventEnds(receiver == null ? null : receiver.closed(), taken, acknowledged, sender.closed(), offers);
    }

    public EventEnds with(EventReceiver next) {
        return new EventEnds(next, taken, acknowledged, sender, offers);
    }

    public EventEnds with(EventSender next, List<Offer> left) {
        return new EventEnds(receiver, taken, acknowledged, next, left);
    }

    public EventEnds taken(long upTo) {
        return new EventEnds(receiver, upTo, acknowledged, sender, offers);
    }

    /// The guest was told what is [#seen], by an acknowledgement or by the opening.
    public EventEnds told() {
        long seen = seen();
        EventReceiver settled = receiver != null && seen == receiver.resumeAfter() ? receiver.acknowledged() : receiver;
        return new EventEnds(settled, taken, seen, sender, offers);
    }
}
