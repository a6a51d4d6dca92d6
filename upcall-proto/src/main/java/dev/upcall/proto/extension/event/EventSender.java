package dev.upcall.proto.extension.event;

import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventAck;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.EventNotify;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/// The sending end of an event stream to one receiver (§3): keeps what is not acknowledged, sends it in
/// order, and goes on over connections. Immutable; the table is in the package's documentation.
///
/// Events are numbered by whoever raises them, because a guest sends the same one to all its clients. What
/// `dropped` says is found when the event leaves: it is what the sequence jumps over on this connection.
public final class EventSender {

    /// How many unacknowledged events are kept, and how many may be on their way on a connection.
    public static final int KEPT_MAX = 256;

    private final Epoch epoch;
    private final long next;
    private final EventNotify[] kept;
    private final boolean open;
    private final long sentUpTo;
    private final int strays;
    private final long lastStray;

    /// @param next sequence of the next event raised
    /// @param kept not acknowledged, ascending
    /// @param open there is a connection
    /// @param sentUpTo the last sequence that this connection has carried, or that its opening began after
    /// @param strays sent on this connection and given up before they were acknowledged: still on their way
    /// @param lastStray the highest of them
    private EventSender(
            Epoch epoch, long next, EventNotify[] kept, boolean open, long sentUpTo, int strays, long lastStray) {
        this.epoch = epoch;
        this.next = next;
        this.kept = kept;
        this.open = open;
        this.sentUpTo = sentUpTo;
        this.strays = strays;
        this.lastStray = lastStray;
    }

    /// A stream to a receiver that is not connected yet.
    ///
    /// @param next the sequence of its first event, 1 or more
    public static EventSender startingAt(Epoch epoch, long next) {
        return new EventSender(epoch, next, new EventNotify[0], false, next - 1, 0, 0);
    }

    /// The next event of a source that has only this receiver.
    public EventNotify number(EventKind kind, DeviceReference device, Bytes detail, long timeNanos) {
        return new EventNotify(epoch, next, kind, device, detail, timeNanos, 0);
    }

    /// Keeps an event, and gives up another one where that is needed ([#hasRoom]): the oldest that is neither
    /// terminal nor USER. Where all are USER the new one itself is given up, unless it is terminal or USER
    /// itself (its source has not waited): then the oldest that is not terminal.
    public EventSender add(EventNotify event) {
        if (event.sequence() != next) {
            throw new IllegalArgumentException("event must have sequence " + next + ": " + event.sequence());
        }
        if (hasRoom()) {
            return with(next + 1, append(kept, event));
        }
        int victim = oldest(k -> !k.isTerminal() && !k.waitsForRoom());
        if (victim < 0 && (event.kind().isTerminal() || event.kind().waitsForRoom())) {
            victim = oldest(k -> !k.isTerminal());
        }
        if (victim < 0) {
            return with(next + 1, kept);
        }
        long gone = kept[victim].sequence();
        EventNotify[] rest = new EventNotify[kept.length];
        System.arraycopy(kept, 0, rest, 0, victim);
        System.arraycopy(kept, victim + 1, rest, victim, kept.length - victim - 1);
        rest[kept.length - 1] = event;
        boolean stray = open && gone <= sentUpTo;
        return new EventSender(
                epoch,
                next + 1,
                rest,
                open,
                sentUpTo,
                stray ? strays + 1 : strays,
                stray ? Math.max(lastStray, gone) : lastStray);
    }

    /// Hands out what may leave now, in order.
    public EventSender flush(List<? super EventNotify> out) {
        if (!open || kept.length == 0 || kept[kept.length - 1].sequence() <= sentUpTo) {
            return this;
        }
        int first = firstAfter(sentUpTo);
        int room = KEPT_MAX - first - strays;
        long sent = sentUpTo;
        for (int i = first; i < kept.length && i - first < room; i++) {
            EventNotify event = kept[i];
            long jump = event.sequence() - sent - 1;
            out.add(jump == 0 ? event : dropped(event, jump));
            sent = event.sequence();
        }
        return new EventSender(epoch, next, kept, open, sent, strays, lastStray);
    }

    /// Forgets what the receiver has. An acknowledgement of another epoch, or of what never left,
    /// acknowledges nothing more.
    public EventSender acknowledged(EventAck ack) {
        if (!ack.epoch().equals(epoch)) {
            return this;
        }
        long seen = Math.min(ack.sequence(), sentUpTo);
        boolean strayed = seen < lastStray;
        return new EventSender(
                epoch,
                next,
                Arrays.copyOfRange(kept, firstAfter(seen), kept.length),
                open,
                sentUpTo,
                strayed ? strays : 0,
                strayed ? lastStray : 0);
    }

    /// A connection is there, and its receiver knows this epoch: the stream goes on after `seen`, or at the
    /// oldest kept event if that is later.
    public EventSender resumed(long seen) {
        long from = Math.min(seen, next - 1);
        return new EventSender(epoch, next, Arrays.copyOfRange(kept, firstAfter(from), kept.length), true, from, 0, 0);
    }

    /// A connection is there, and its receiver does not know this epoch: the stream starts with the next
    /// event, and what was before is no gap.
    public EventSender anew() {
        return new EventSender(epoch, next, new EventNotify[0], true, next - 1, 0, 0);
    }

    public EventSender closed() {
        return open ? new EventSender(epoch, next, kept, false, sentUpTo, 0, 0) : this;
    }

    /// Whether an event can be kept without giving up another one. A source that must not lose waits for it.
    public boolean hasRoom() {
        return kept.length < KEPT_MAX;
    }

    /// The sequence of the next event that leaves on this connection: what an opening's reply tells.
    public long nextEvent() {
        int first = firstAfter(sentUpTo);
        return first < kept.length ? kept[first].sequence() : next;
    }

    /// The sequence of the next event raised.
    public long next() {
        return next;
    }

    /// Not acknowledged, ascending.
    public List<EventNotify> kept() {
        return List.of(kept);
    }

    public boolean isOpen() {
        return open;
    }

    private EventSender with(long newNext, EventNotify[] newKept) {
        return new EventSender(epoch, newNext, newKept, open, sentUpTo, strays, lastStray);
    }

    private int oldest(Predicate<EventKind> which) {
        for (int i = 0; i < kept.length; i++) {
            if (which.test(kept[i].kind())) {
                return i;
            }
        }
        return -1;
    }

    private int firstAfter(long sequence) {
        int i = 0;
        while (i < kept.length && kept[i].sequence() <= sequence) {
            i++;
        }
        return i;
    }

    private static EventNotify[] append(EventNotify[] kept, EventNotify event) {
        EventNotify[] longer = Arrays.copyOf(kept, kept.length + 1);
        longer[kept.length] = event;
        return longer;
    }

    private static EventNotify dropped(EventNotify event, long count) {
        return new EventNotify(
                event.epoch(),
                event.sequence(),
                event.kind(),
                event.device(),
                event.detail(),
                event.timeNanos(),
                count);
    }
}
