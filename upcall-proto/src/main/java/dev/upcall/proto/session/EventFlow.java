package dev.upcall.proto.session;

import dev.upcall.proto.extension.EventAck;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.extension.event.EventOrder;
import dev.upcall.proto.extension.event.EventReceiver;
import dev.upcall.proto.extension.event.EventSender;
import dev.upcall.proto.session.extended.EventEnds;
import dev.upcall.proto.session.extended.EventEnds.Offer;
import dev.upcall.proto.session.extended.Extended;
import dev.upcall.proto.session.extended.News;
import dev.upcall.proto.session.extended.Wish;
import dev.upcall.proto.session.extended.WishAnswer;
import java.util.ArrayList;
import java.util.List;

/// Both event streams of a session (§3): the machines of `extension.event`, held against connections and
/// whoever listens.
///
/// Who listens slowly holds acknowledgements back ([Wish.HoldEvents]): the guest then stops at its window
/// of 256.
final class EventFlow {

    private EventFlow() {}

    /// A connection was opened.
    ///
    /// @param sameLife the guest is the one that was met last, and has kept what it knew
    /// @param firstEver no guest was met before, so what waits to be sent was meant for this one
    static Session opened(
            Session session, HandshakeReply.Open agreed, boolean sameLife, boolean firstEver, List<Action> out) {
        Extended extended = session.extended();
        if (extended == null || !agreed.features().has(Feature.EVENTS)) {
            return Wishes.denyOffers(session, WishAnswer.Cause.UNSUPPORTED, "the guest has no events", out);
        }
        EventEnds ends = extended.events();
        EventReceiver before = ends.receiver();
        boolean goesOn = sameLife && before != null && before.sender().equals(agreed.guestEpoch());
        if (!goesOn) {
            long last = agreed.nextEvent() - 1;
            ends = ends.with(EventReceiver.after(agreed.guestEpoch(), last))
                    .taken(ends.taken() == EventEnds.AS_THEY_COME ? EventEnds.AS_THEY_COME : last);
        }
        ends = ends.told();
        if (sameLife || firstEver) {
            ends = ends.with(ends.sender().resumed(agreed.resumeAfterEvent()), ends.offers());
            return flushed(delivered(session, ends, agreed.resumeAfterEvent(), out), out);
        }
        Session denied = Wishes.denyOffers(
                session.with(extended.with(ends)),
                WishAnswer.Cause.GUEST_RESTARTED,
                "the guest began another life before it acknowledged the event",
                out);
        Extended after = denied.extended();
        return after == null
                ? denied
                : denied.with(
                        after.with(after.events().with(after.events().sender().anew(), List.of())));
    }

    static Session received(Session session, EventNotify event, long now, List<Action> out) {
        Extended extended = session.extended();
        EventReceiver receiver = extended == null ? null : extended.events().receiver();
        if (extended == null || receiver == null) {
            return session;
        }
        List<EventOrder> orders = new ArrayList<>(2);
        boolean asTheyCome = extended.events().taken() == EventEnds.AS_THEY_COME;
        EventReceiver next = receiver.receive(event, now, asTheyCome, orders);
        return carriedOut(session.with(extended.with(extended.events().with(next))), orders, now, out);
    }

    static Session acknowledged(Session session, EventAck ack, List<Action> out) {
        Extended extended = session.extended();
        if (extended == null || !ack.epoch().equals(extended.once().epoch())) {
            return session;
        }
        EventEnds ends = extended.events();
        EventSender sender = ends.sender().acknowledged(ack);
        long sent = sender.nextEvent() - 1;
        return flushed(delivered(session, ends.with(sender, ends.offers()), Math.min(ack.sequence(), sent), out), out);
    }

    static Session timePassed(Session session, long now, List<Action> out) {
        Extended extended = session.extended();
        EventReceiver receiver = extended == null ? null : extended.events().receiver();
        if (extended == null || receiver == null || now < receiver.nextDeadline()) {
            return session;
        }
        List<EventOrder> orders = new ArrayList<>(1);
        EventReceiver next = receiver.timePassed(now, orders);
        return carriedOut(session.with(extended.with(extended.events().with(next))), orders, now, out);
    }

    /// Whoever listens holds back from now on, or no longer.
    static Session held(Session session, boolean held, List<Action> out) {
        Extended extended = session.extended();
        if (extended == null || held == (extended.events().taken() != EventEnds.AS_THEY_COME)) {
            return session;
        }
        EventReceiver receiver = extended.events().receiver();
        long taken = !held ? EventEnds.AS_THEY_COME : receiver == null ? 0 : receiver.resumeAfter();
        return acknowledging(session.with(extended.with(extended.events().taken(taken))), !held, out);
    }

    /// What was taken is acknowledged when the receiver's own acknowledgement is due, and at once where that has
    /// been sent already or so many have been taken since: a listener that keeps up costs one frame for so many.
    static Session taken(Session session, Wish.TakeEvents wish, List<Action> out) {
        Extended extended = session.extended();
        if (extended == null) {
            return session;
        }
        EventEnds ends = extended.events();
        EventReceiver receiver = ends.receiver();
        if (receiver == null
                || ends.taken() == EventEnds.AS_THEY_COME
                || !receiver.sender().equals(wish.sender())
                || wish.upTo() <= ends.taken()) {
            return session;
        }
        EventEnds next = ends.taken(wish.upTo());
        boolean atOnce = receiver.owed() == 0 || next.seen() - ends.acknowledged() >= EventReceiver.ACK_EVENTS;
        return acknowledging(session.with(extended.with(next)), atOnce, out);
    }

    /// Takes an event of this side; the caller has made sure that there is room.
    static Session offered(Session session, Extended extended, Wish.SendEvent wish, List<Action> out) {
        EventEnds ends = extended.events();
        EventNotify event = ends.sender().number(wish.kind(), wish.device(), wish.detail(), wish.timeNanos());
        List<Offer> offers = new ArrayList<>(ends.offers());
        offers.add(new Offer(event.sequence(), wish.ticket()));
        return flushed(session.with(extended.with(ends.with(ends.sender().add(event), offers))), out);
    }

    private static Session carriedOut(Session session, List<EventOrder> orders, long now, List<Action> out) {
        Session next = session;
        for (EventOrder order : orders) {
            switch (order) {
                case EventOrder.Deliver deliver -> {
                    out.add(new Action.Tell(new News.Happened(deliver.event())));
                    next = deliver.event().kind().isTerminal() ? Pulse.leaving(next, now, out) : next;
                }
                case EventOrder.Gap gap -> out.add(new Action.Tell(new News.Missed(gap)));
                case EventOrder.Discard discard -> out.add(new Action.Tell(new News.Discarded(discard)));
                case EventOrder.SendAck _ -> next = acknowledging(next, true, out);
            }
        }
        return next;
    }

    /// Acknowledges what was received and taken.
    private static Session acknowledging(Session session, boolean wanted, List<Action> out) {
        Extended extended = session.extended();
        if (extended == null || extended.opened() == null || !extended.opened().has(Feature.EVENTS)) {
            return session;
        }
        EventReceiver receiver = extended.events().receiver();
        long seen = extended.events().seen();
        if (wanted && receiver != null && seen > 0) {
            out.add(new Action.Send(session.epoch(), new EventAck(receiver.sender(), seen)));
            return session.with(extended.with(extended.events().told()));
        }
        return session;
    }

    private static Session delivered(Session session, EventEnds ends, long upTo, List<Action> out) {
        Extended extended = session.extended();
        if (extended == null) {
            return session;
        }
        List<Offer> left = new ArrayList<>();
        for (Offer offer : ends.offers()) {
            if (offer.sequence() <= upTo) {
                out.add(new Action.AnswerWish(offer.ticket(), new WishAnswer.Delivered(offer.sequence())));
            } else {
                left.add(offer);
            }
        }
        return session.with(extended.with(ends.with(ends.sender(), left)));
    }

    private static Session flushed(Session session, List<Action> out) {
        Extended extended = session.extended();
        if (extended == null || extended.opened() == null) {
            return session;
        }
        List<EventNotify> leaving = new ArrayList<>();
        EventSender next = extended.events().sender().flush(leaving);
        leaving.forEach(event -> out.add(new Action.Send(session.epoch(), event)));
        EventEnds ends = extended.events();
        return leaving.isEmpty() ? session : session.with(extended.with(ends.with(next, ends.offers())));
    }
}
