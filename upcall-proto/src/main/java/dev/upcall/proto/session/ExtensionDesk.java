package dev.upcall.proto.session;

import dev.upcall.proto.extension.Decoded;
import dev.upcall.proto.extension.EventAck;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.ExtensionReader;
import dev.upcall.proto.extension.ExtensionReply;
import dev.upcall.proto.extension.ExtensionType;
import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.FromGuest;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.extension.Notification;
import dev.upcall.proto.extension.OnceReply;
import dev.upcall.proto.extension.Refusal;
import dev.upcall.proto.extension.liveness.Checker;
import dev.upcall.proto.extension.liveness.ProbeOrder;
import dev.upcall.proto.message.Reply;
import dev.upcall.proto.session.State.Connected;
import dev.upcall.proto.session.State.Overdue;
import dev.upcall.proto.session.State.ServiceBusy;
import dev.upcall.proto.session.extended.Extended;
import dev.upcall.proto.session.extended.News;
import dev.upcall.proto.session.extended.Opened;
import dev.upcall.proto.session.request.Pending;
import dev.upcall.proto.wire.ExtensionFrame;
import dev.upcall.proto.wire.FrameLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// The part of a step that is about an opened connection's frames of the extensions, and about their time.
///
/// A notification is taken in every state and never completes a request. A reply must be the one that is
/// waited for: a page while an inventory is read, a probe's answer while one is out, an outcome while an
/// EXECUTE_ONCE is out; anything else is a breach of the protocol.
final class ExtensionDesk {

    private final Redial redial;
    private final Oracle oracle;

    ExtensionDesk(Redial redial, Oracle oracle) {
        this.redial = redial;
        this.oracle = oracle;
    }

    /// A frame of the extensions has come while the guest is connected.
    Session arrived(Session session, ExtensionFrame frame, long now, List<Action> out) {
        Opened opened = session.opened();
        if (opened == null) {
            return broken(session, "a frame nobody asked for: " + frame, now, out);
        }
        if (frame.header().magic() != FrameLayout.MAGIC) {
            return broken(session, "a frame of another magic_version: " + frame, now, out);
        }
        return switch (ExtensionReader.fromGuest(frame)) {
            case Decoded.Message<FromGuest>(Notification notification) ->
                notified(heard(session, opened, now), opened, notification, now, out);
            case Decoded.Message<FromGuest>(HandshakeReply.Probe reply) -> probed(session, opened, reply, now, out);
            case Decoded.Message<FromGuest>(ExtensionReply reply) -> replied(session, reply, now, out);
            case Decoded.Unreadable<FromGuest> d -> broken(session, d.why(), now, out);
            case Decoded.Faulty<FromGuest> d -> broken(session, d.why(), now, out);
            case Decoded.UnknownType<FromGuest> d -> broken(session, d.why(), now, out);
        };
    }

    /// The clock has moved.
    Session timePassed(Session session, long now, List<Action> out) {
        Extended extended = session.extended();
        if (extended == null || session.state() instanceof State.Closed) {
            return session;
        }
        Session next = Wishes.expire(Pulse.timePassed(session, extended, now, out), now, out);
        Opened opened = next.opened();
        if (opened == null) {
            return next;
        }
        next = EventFlow.timePassed(next, now, out);
        if (opened.asking() != null) {
            return now < opened.asking().deadline()
                    ? next
                    : redial.broken(next, Trouble.of(Trouble.Kind.NO_INVENTORY_IN_TIME), now, out);
        }
        if (!(next.state() instanceof Connected s)) {
            return next;
        }
        if (now >= opened.leaveBy()) {
            return redial.broken(next, Trouble.of(Trouble.Kind.NOT_LEFT), now, out);
        }
        if (!opened.has(Feature.LIVENESS)) {
            return next;
        }
        List<ProbeOrder> orders = new ArrayList<>(1);
        Checker checker = opened.checker().timePassed(now, orders);
        return pulsed(next.with(opened.with(checker)), s, orders, now, out);
    }

    private static Session heard(Session session, Opened opened, long now) {
        return session.with(opened.with(opened.checker().frameHeard(now)));
    }

    private Session notified(Session session, Opened opened, Notification notification, long now, List<Action> out) {
        if (!opened.has(Feature.EVENTS)) {
            return broken(session, "a notification although EVENTS was not agreed: " + notification, now, out);
        }
        return switch (notification) {
            case EventNotify event -> EventFlow.received(session, event, now, out);
            case EventAck ack -> EventFlow.acknowledged(session, ack, out);
        };
    }

    private Session probed(Session session, Opened opened, HandshakeReply.Probe reply, long now, List<Action> out) {
        if (!(session.state() instanceof Connected s) || !opened.checker().isProbing()) {
            return broken(session, "a probe's answer although none is out: " + reply, now, out);
        }
        List<ProbeOrder> orders = new ArrayList<>(1);
        Checker checker = opened.checker().answered(reply, now, orders);
        return pulsed(session.with(opened.with(checker)), s, orders, now, out);
    }

    private Session pulsed(Session session, Connected s, List<ProbeOrder> orders, long now, List<Action> out) {
        Session next = session;
        for (ProbeOrder order : orders) {
            switch (order) {
                case ProbeOrder.SendProbe send ->
                    out.add(new Action.Send(s.connection().epoch(), send.probe()));
                case ProbeOrder.Alive alive -> {
                    out.add(new Action.Tell(new News.Probed(News.Probe.ALIVE)));
                    Opened opened = next.opened();
                    // A guest that has said that it ends does not come back on this connection.
                    next = opened != null && opened.leaving() ? next : Pulse.alive(next, alive.epoch(), out);
                }
                case ProbeOrder.Missed _ -> out.add(new Action.Tell(new News.Probed(News.Probe.MISSED)));
                case ProbeOrder.Lost lost -> {
                    out.add(new Action.Tell(new News.Probed(News.Probe.LOST)));
                    Trouble trouble = new Trouble(Trouble.Kind.PROBE_UNANSWERED, lost.why());
                    next = redial.broken(Pulse.probeLost(next, out), trouble, now, out);
                }
                case ProbeOrder.Restarted restarted -> {
                    out.add(new Action.Tell(new News.Probed(News.Probe.RESTARTED)));
                    Session anew = Redial.stale(Pulse.alive(next, restarted.epoch(), out));
                    Trouble trouble = new Trouble(Trouble.Kind.RESTARTED, "guest epoch " + restarted.epoch());
                    next = Redial.voluntary(anew, s.connection(), trouble, now, out);
                }
            }
        }
        return next;
    }

    private Session replied(Session session, ExtensionReply reply, long now, List<Action> out) {
        Opened opened = session.opened();
        if (opened == null) {
            return session;
        }
        // A request's end is a frame heard too, and says so itself: one step of the session, not two.
        Optional<Session> taken = switch (session.state()) {
            case Connected s -> {
                Opened hearing = opened.with(opened.checker().frameHeard(now));
                yield oracle.answered(session.with(hearing), s, hearing, reply, now, out);
            }
            case ServiceBusy s when s.pending().isOnce() -> outcome(session, s, reply, now, out);
            case Overdue s when s.pending().isOnce() -> late(session, s, reply, now, out);
            case ServiceBusy _,
                    Overdue _,
                    State.Init _,
                    State.WaitingServer _,
                    State.WaitingService _,
                    State.Opening _,
                    State.Reconnecting _,
                    State.Closed _,
                    State.GivenUp _ -> Optional.empty();
        };
        return taken.orElseGet(() -> broken(session, "a reply nobody waits for: " + reply, now, out));
    }

    private Optional<Session> outcome(
            Session session, ServiceBusy s, ExtensionReply reply, long now, List<Action> out) {
        Pending.Sent sent = s.pending().sent();
        if (reply instanceof OnceReply r && sent != null && r.requestId() == sent.onceId()) {
            if (r.replayed()) {
                out.add(new Action.Tell(new News.Replayed(s.pending().request())));
            }
            return Optional.of(Settlement.answered(session, s, r.answer(), now, out));
        }
        if (reply instanceof Refusal r && r.type() == ExtensionType.EXECUTE_ONCE) {
            return Optional.of(Settlement.onceRefused(session, s, r.result(), now, out));
        }
        return Optional.empty();
    }

    private Optional<Session> late(Session session, Overdue s, ExtensionReply reply, long now, List<Action> out) {
        Pending.Sent sent = s.pending().sent();
        if (reply instanceof OnceReply r && sent != null && r.requestId() == sent.onceId()) {
            return Optional.of(Settlement.answeredLate(session, s, r.answer(), now, out));
        }
        boolean refused = reply instanceof Refusal r && r.type() == ExtensionType.EXECUTE_ONCE;
        return refused
                ? Optional.of(Settlement.answeredLate(
                        session, s, new Reply.Answer(reply.result(), OptionalInt.empty()), now, out))
                : Optional.empty();
    }

    private Session broken(Session session, String why, long now, List<Action> out) {
        return redial.broken(session, new Trouble(Trouble.Kind.MISBEHAVED, why), now, out);
    }
}
