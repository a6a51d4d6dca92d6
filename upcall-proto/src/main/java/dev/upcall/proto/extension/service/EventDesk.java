package dev.upcall.proto.extension.service;

import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventAck;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.event.EventOrder;
import dev.upcall.proto.extension.event.EventSender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The guest's events, to and from all clients: one sequence, kept and acknowledged for each client epoch
/// (§3).
final class EventDesk {

    /// A client that has been away for longer does not hold up user events any more: it will be told a gap.
    /// One that only reconnects is back much sooner.
    static final Duration ABSENT_MAX = Duration.ofSeconds(30);

    private static final long NEVER = Long.MAX_VALUE;

    private final Epoch guestEpoch;
    private final ClientSlots slots;
    private long next = 1;
    private boolean userWaits;
    private long duplicates;
    private long foreign;
    private long acknowledged;

    EventDesk(Epoch guestEpoch, ClientSlots slots) {
        this.guestEpoch = guestEpoch;
        this.slots = slots;
    }

    /// The sequence of the next event raised.
    long next() {
        return next;
    }

    long duplicates() {
        return duplicates;
    }

    long acknowledged() {
        return acknowledged;
    }

    long foreign() {
        return foreign;
    }

    void raise(EventKind kind, DeviceReference device, Bytes detail, long timeNanos, List<ServiceOrder> out) {
        EventNotify event = new EventNotify(guestEpoch, next++, kind, device, detail, timeNanos, 0);
        for (ClientSlot slot : slots.all()) {
            EventSender sender = slot.sender;
            if (sender != null) {
                flush(slot, sender.add(event), out);
            }
        }
    }

    /// False when a client has no room for it yet: `RoomForUser` is ordered when that has changed.
    boolean offerUser(DeviceReference device, Bytes detail, long timeNanos, long now, List<ServiceOrder> out) {
        if (!hasRoom(now)) {
            userWaits = true;
            return false;
        }
        raise(EventKind.USER, device, detail, timeNanos, out);
        return true;
    }

    /// A connection with EVENTS was opened: it carries the client's events from now on.
    ///
    /// Whether it knows us or not, what was kept since its first opening goes on: a client that has got no
    /// reply yet takes it for the beginning, and an old opening that comes late must not take from the stream
    /// that has begun meanwhile. So does a client that was evicted: nothing is kept from before.
    ///
    /// @param knowsUs the client knows this guest epoch
    /// @return the sequence of the next event sent on it
    long opened(ClientSlot slot, long connection, boolean knowsUs, long resumeAfter) {
        EventSender sender = slot.sender;
        EventSender from = sender == null ? EventSender.startingAt(guestEpoch, next) : sender;
        EventSender opened = knowsUs ? from.resumed(resumeAfter) : fromTheOldest(from);
        slot.sender = opened;
        slot.eventConnection = connection;
        return opened.nextEvent();
    }

    /// What was kept leaves behind the opening's reply.
    void resume(ClientSlot slot, List<ServiceOrder> out) {
        EventSender sender = slot.sender;
        if (sender != null) {
            flush(slot, sender, out);
        }
    }

    void closed(ClientSlot slot) {
        EventSender sender = slot.sender;
        slot.sender = sender == null ? null : sender.closed();
        slot.receiver = slot.receiver.closed();
        slot.eventConnection = ClientSlot.NOWHERE;
    }

    /// The stream goes on, on another connection of the client that is open already: with all that is kept,
    /// because nobody knows how much of it this one has carried.
    void goesOn(ClientSlot slot, long connection, List<ServiceOrder> out) {
        EventSender sender = slot.sender;
        if (sender != null) {
            slot.eventConnection = connection;
            flush(slot, fromTheOldest(sender), out);
        }
    }

    private static EventSender fromTheOldest(EventSender sender) {
        List<EventNotify> kept = sender.kept();
        return sender.resumed(
                kept.isEmpty() ? sender.next() - 1 : kept.getFirst().sequence() - 1);
    }

    void acknowledged(ClientSlot slot, EventAck ack, List<ServiceOrder> out) {
        EventSender sender = slot.sender;
        if (!ack.epoch().equals(guestEpoch) || sender == null) {
            foreign++;
            return;
        }
        EventSender told = sender.acknowledged(ack);
        acknowledged += sender.kept().size() - told.kept().size();
        flush(slot, told, out);
    }

    void received(ClientSlot slot, long connection, EventNotify event, long now, List<ServiceOrder> out) {
        List<EventOrder> orders = new ArrayList<>();
        slot.receiver = slot.receiver.receive(event, now, orders);
        carryOut(slot, connection, orders, out);
    }

    void timePassed(long now, List<ServiceOrder> out) {
        for (ClientSlot slot : slots.all()) {
            slot.awayTooLong = slot.open == 0 && !holdsUp(slot, now);
            if (slot.receiver.nextDeadline() <= now) {
                List<EventOrder> orders = new ArrayList<>();
                slot.receiver = slot.receiver.timePassed(now, orders);
                carryOut(slot, slot.eventConnection, orders, out);
            }
        }
    }

    /// Whoever waits for room is told once.
    void tellRoom(long now, List<ServiceOrder> out) {
        if (userWaits && hasRoom(now)) {
            userWaits = false;
            out.add(new ServiceOrder.RoomForUser());
        }
    }

    /// Every connected client has acknowledged everything.
    boolean allAcknowledged() {
        return slots.all().stream().allMatch(slot -> {
            EventSender sender = slot.sender;
            return sender == null || !sender.isOpen() || sender.kept().isEmpty();
        });
    }

    long nextDeadline() {
        long deadline = NEVER;
        for (ClientSlot slot : slots.all()) {
            deadline = Math.min(deadline, slot.receiver.nextDeadline());
            if (userWaits && slot.open == 0 && !slot.awayTooLong && lacksRoom(slot)) {
                deadline = Math.min(deadline, slot.absentSince + ABSENT_MAX.toNanos());
            }
        }
        return deadline;
    }

    private boolean hasRoom(long now) {
        return slots.all().stream().noneMatch(slot -> lacksRoom(slot) && holdsUp(slot, now));
    }

    private static boolean lacksRoom(ClientSlot slot) {
        EventSender sender = slot.sender;
        return sender != null && !sender.hasRoom();
    }

    private static boolean holdsUp(ClientSlot slot, long now) {
        return slot.open > 0 || now - slot.absentSince < ABSENT_MAX.toNanos();
    }

    private static void flush(ClientSlot slot, EventSender sender, List<ServiceOrder> out) {
        List<EventNotify> leaving = new ArrayList<>();
        slot.sender = sender.flush(leaving);
        leaving.forEach(event -> out.add(new ServiceOrder.Send(slot.eventConnection, event)));
    }

    private void carryOut(ClientSlot slot, long connection, List<EventOrder> orders, List<ServiceOrder> out) {
        for (EventOrder order : orders) {
            switch (order) {
                case EventOrder.Deliver o -> out.add(new ServiceOrder.Deliver(slot.epoch, o.event()));
                case EventOrder.Gap o -> out.add(new ServiceOrder.Gap(slot.epoch, o.first(), o.last()));
                case EventOrder.SendAck o -> out.add(new ServiceOrder.Send(connection, o.ack()));
                case EventOrder.Discard o -> {
                    switch (o.cause()) {
                        case DUPLICATE -> duplicates++;
                        case FOREIGN_EPOCH -> foreign++;
                    }
                }
            }
        }
    }
}
