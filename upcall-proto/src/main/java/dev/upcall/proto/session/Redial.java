package dev.upcall.proto.session;

import dev.upcall.proto.session.State.Connected;
import dev.upcall.proto.session.State.Connection;
import dev.upcall.proto.session.State.GivenUp;
import dev.upcall.proto.session.State.Opening;
import dev.upcall.proto.session.State.Overdue;
import dev.upcall.proto.session.State.Reconnecting;
import dev.upcall.proto.session.State.ServiceBusy;
import dev.upcall.proto.session.State.WaitingServer;
import dev.upcall.proto.session.State.WaitingService;
import dev.upcall.proto.session.extended.Extended;
import dev.upcall.proto.session.extended.WishAnswer;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Pending;
import java.util.List;

/// How a connection or dial ends, and what that means for the next one: the part of a step that drops the
/// transport.
///
/// Pure, like [Transitions], whose collaborator it is.
final class Redial {

    private final SessionRules rules;
    private final Desk desk;
    private final Departure departure;

    Redial(SessionRules rules, Desk desk, Departure departure) {
        this.rules = rules;
        this.desk = desk;
        this.departure = departure;
    }

    /// The live transport can no longer be trusted or is gone: whatever was out on it is lost.
    Session broken(Session session, Trouble trouble, long now, List<Action> out) {
        return switch (session.state()) {
            case WaitingServer s -> retry(session, s.epoch(), s.attempt(), trouble, now, out);
            case WaitingService s -> retry(session, s.epoch(), s.attempt(), trouble, now, out);
            case Opening s ->
                retry(session, s.connection().epoch(), s.connection().attempt(), trouble, now, out);
            case Connected s -> lost(session, s.connection(), trouble, now, out);
            case ServiceBusy s -> {
                Session lingers = lingering(session, s.pending(), departure.sentAt(s), now);
                yield lost(Settlement.replyLost(lingers, s, trouble, now, out), s.connection(), trouble, now, out);
            }
            case Overdue s -> lost(lingering(session, s.pending(), s.sentAt(), now), s.connection(), trouble, now, out);
            case State.Init _, Reconnecting _, State.Closed _, GivenUp _ -> session;
        };
    }

    /// A dial or handshake failed: the next attempt of the same budget.
    Session retry(Session session, long epoch, int attempt, Trouble trouble, long now, List<Action> out) {
        // A voluntary reconnect that fails is a loss: the guest may have restarted.
        Session known = attempt == 0 ? Pulse.connectionLost(stale(session), rules, now, out) : session;
        return reconnect(known, epoch, spent(session, attempt) + 1, trouble, now, out);
    }

    /// A connection was lost. A good one renews the budget; a short-lived one goes on counting.
    Session lost(Session session, Connection connection, Trouble trouble, long now, List<Action> out) {
        boolean good = connection.proven() || now - connection.since() >= SessionRules.GOOD_AFTER.toNanos();
        Session left = Pulse.connectionLost(stale(session), rules, now, out);
        int attempt = good ? 1 : spent(session, connection.attempt()) + 1;
        return reconnect(left, connection.epoch(), attempt, trouble, now, out);
    }

    /// Another connection is wanted and nothing has happened to this one: no attempt, no delay, no loss.
    static Session voluntary(Session session, Connection connection, Trouble why, long now, List<Action> out) {
        out.add(new Action.DropTransport(connection.epoch()));
        Extended extended = session.extended();
        int spent = connection.proven() ? 0 : spent(session, connection.attempt());
        Session left =
                extended == null ? session : session.with(extended.hungUp().spending(spent));
        return left.with(new Reconnecting(0, now, why));
    }

    /// The dials of a budget until now. A voluntary reconnect costs none and gives none back: a stock guest that is
    /// asked, is dirty for it, and hangs up at the next request would make us spin.
    private static int spent(Session session, int attempt) {
        Extended extended = session.extended();
        return attempt == 0 && extended != null ? extended.spent() : attempt;
    }

    /// There is no sense in dialling again.
    Session giveUp(Session session, long epoch, Trouble trouble, List<Action> out) {
        out.add(new Action.DropTransport(epoch));
        return ended(session, trouble, out);
    }

    static Session stale(Session session) {
        return session.with(session.state(), session.picture().lost());
    }

    static Session lingering(Session session, Pending pending, long sentAt, long now) {
        return session.lingers(pending.wireRequest(), sentAt, now);
    }

    private Session reconnect(Session session, long epoch, int attempt, Trouble trouble, long now, List<Action> out) {
        out.add(new Action.DropTransport(epoch));
        ReconnectPolicy policy = rules.reconnect();
        if (attempt > policy.attemptsMax()) {
            return ended(session, trouble, out);
        }
        boolean idle = trouble.kind() == Trouble.Kind.NO_SOCKET_FILE;
        long pause = idle ? policy.idleNanos(attempt) : policy.delayNanos(attempt);
        return session.with(new Reconnecting(attempt, now + pause, trouble));
    }

    private Session ended(Session session, Trouble trouble, List<Action> out) {
        Session cleared = desk.clear(session, Outcome.NotSentCause.NOT_CONNECTED, trouble.toString(), out);
        return Wishes.end(cleared, WishAnswer.Cause.NOT_CONNECTED, trouble.toString(), out)
                .with(new GivenUp(trouble));
    }
}
