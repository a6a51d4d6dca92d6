package dev.upcall.proto.session;

import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.once.AfterLoss;
import dev.upcall.proto.guest.Verdict;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.State.Closed;
import dev.upcall.proto.session.State.Connected;
import dev.upcall.proto.session.State.GivenUp;
import dev.upcall.proto.session.State.Init;
import dev.upcall.proto.session.State.Opening;
import dev.upcall.proto.session.State.Overdue;
import dev.upcall.proto.session.State.Reconnecting;
import dev.upcall.proto.session.State.ServiceBusy;
import dev.upcall.proto.session.State.WaitingServer;
import dev.upcall.proto.session.State.WaitingService;
import dev.upcall.proto.session.extended.Opened;
import dev.upcall.proto.session.request.Conclusion;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Outcome.NotSentCause;
import dev.upcall.proto.session.request.Outcome.UnknownCause;
import dev.upcall.proto.session.request.Pending;
import dev.upcall.proto.session.request.Waiting;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where requests come in, wait, and leave the queue: for the guest ([Departure]), or because their time is over.
///
/// Pure, like [Transitions], whose collaborator it is.
final class Desk {

    private final SessionRules rules;
    private final Departure departure;
    private final Oracle oracle;

    Desk(SessionRules rules, Departure departure, Oracle oracle) {
        this.rules = rules;
        this.departure = departure;
        this.oracle = oracle;
    }

    Session submitted(Session session, Pending pending, long now, List<Action> out) {
        Outcome refused = session.extended() == null ? null : Departure.refusedByPeer(session, pending);
        if (refused != null) {
            return completed(session, pending, refused, out);
        }
        return switch (session.state()) {
            case Closed _ -> refuse(session, pending, NotSentCause.CLOSED, "the session is closed", out);
            case GivenUp s ->
                refuse(session, pending, NotSentCause.NOT_CONNECTED, s.trouble().toString(), out);
            case Connected s
            when session.waiting().size() == 0 && mayLeaveAtOnce(session, s, pending, now) ->
                departure.send(session, s, pending, session.waiting(), now, out);
            case Connected _ when session.waiting().size() == 0 -> enqueue(session, pending, out);
            case Init _,
                    WaitingServer _,
                    WaitingService _,
                    Opening _,
                    Connected _,
                    ServiceBusy _,
                    Overdue _,
                    Reconnecting _ ->
                pending.terms().failIfBusy()
                        ? refuse(
                                session,
                                pending,
                                NotSentCause.BUSY,
                                "the guest cannot be asked now: " + condition(session.state()),
                                out)
                        : enqueue(session, pending, out);
        };
    }

    /// As [#dispatch] would decide, without the way through the queue.
    private boolean mayLeaveAtOnce(Session session, Connected s, Pending pending, long now) {
        Opened opened = session.opened();
        boolean free = opened == null
                || (opened.isFree()
                        && !Oracle.isWanted(session, opened)
                        && !needsInventory(session, opened, pending, now));
        return free && !Departure.needsFresh(s, pending);
    }

    Session cancelled(Session session, Object ticket, List<Action> out) {
        return session.waiting()
                .find(ticket)
                .map(found -> {
                    out.add(new Action.Complete(
                            found,
                            Conclusion.leaving(found, NotSentCause.CANCELLED, UnknownCause.CLOSED, "cancelled")));
                    return session.with(
                            session.waiting().without(p -> p.ticket().equals(ticket), _ -> {}));
                })
                .orElse(session);
    }

    /// Ends what has waited for its time.
    Session expire(Session session, long now, List<Action> out) {
        if (now < session.waiting().earliestLimit()) {
            return session;
        }
        String why = "waited in the queue until its deadline: " + condition(session.state());
        NotSentCause cause = switch (session.state()) {
            case Connected _, ServiceBusy _, Overdue _ -> NotSentCause.EXPIRED;
            case Init _, WaitingServer _, WaitingService _, Opening _, Reconnecting _, Closed _, GivenUp _ ->
                NotSentCause.NOT_CONNECTED;
        };
        return session.with(session.waiting()
                .without(
                        p -> p.limit() <= now,
                        p -> out.add(new Action.Complete(
                                p, Conclusion.leaving(p, cause, UnknownCause.CONNECTION_LOST, why)))));
    }

    /// Ends everything that waits.
    Session clear(Session session, NotSentCause cause, String why, List<Action> out) {
        UnknownCause sent = cause == NotSentCause.CLOSED ? UnknownCause.CLOSED : UnknownCause.CONNECTION_LOST;
        for (Pending p : session.waiting().toList()) {
            out.add(new Action.Complete(p, Conclusion.leaving(p, cause, sent, why)));
        }
        return session.with(Waiting.NONE);
    }

    /// Sends the next request where the guest can be asked.
    Session dispatch(Session session, long now, List<Action> out) {
        Session at = session;
        while (at.state() instanceof Connected s) {
            Opened opened = at.opened();
            if (opened != null && !opened.isFree()) {
                return at;
            }
            if (opened != null && Oracle.isWanted(at, opened)) {
                return oracle.ask(at, s, opened, now, out);
            }
            Pending head = at.waiting().head();
            if (head == null || head.notBefore() > now) {
                return at;
            }
            Session decided = head.isUnsettled() ? decided(at, head, out) : null;
            if (decided != null) {
                at = decided;
                continue;
            }
            if (opened != null && needsInventory(at, opened, head, now)) {
                return oracle.ask(at, s, opened, now, out);
            }
            if (Departure.needsFresh(s, head)) {
                return Redial.voluntary(at, s.connection(), Trouble.of(Trouble.Kind.CLEANING), now, out);
            }
            at = departure.send(at, s, head, at.waiting().removeFirst(), now, out);
        }
        return at;
    }

    /// What the guest that answers now means for a lost request: null where it is to be asked (again), else
    /// the session without it.
    private static @Nullable Session decided(Session session, Pending head, List<Action> out) {
        Pending.Sent sent = head.sent();
        AfterLoss.Decision decision = sent == null ? AfterLoss.Decision.OUTCOME_UNKNOWN : Oracle.decide(session, sent);
        Outcome outcome = switch (decision) {
            case REPEAT, ASK_INVENTORY -> null;
            case GUEST_RESTARTED -> new Outcome.GuestRestarted(Outcome.Now.NOT_KNOWN, Oracle.restarted(head));
            case OUTCOME_UNKNOWN ->
                new Outcome.Unknown(
                        UnknownCause.CONNECTION_LOST,
                        "the connection was lost while " + head.request()
                                + " was out, and the guest that answers now cannot tell what became of it");
        };
        return outcome == null ? null : completed(session.with(session.waiting().removeFirst()), head, outcome, out);
    }

    /// Whether the guest is to be asked what it has before this request: to settle it, or because it would be
    /// held back, or is a removal that a guest without EXECUTE_ONCE might not survive (§4).
    private boolean needsInventory(Session session, Opened opened, Pending head, long now) {
        if (!opened.has(Feature.INVENTORY)) {
            return false;
        }
        if (head.isUnsettled()) {
            Pending.Sent sent = head.sent();
            return sent != null && Oracle.decide(session, sent) == AfterLoss.Decision.ASK_INVENTORY;
        }
        if (head.terms().sendUnsafe()
                || opened.has(Feature.EXACTLY_ONCE)
                || head.ticket().equals(opened.picturedFor())) {
            return false;
        }
        boolean removesCpus =
                head.wireRequest() instanceof Request.DelCpu || head.wireRequest() instanceof Request.DelCpuCount;
        return removesCpus || departure.judge(session, head, now) instanceof Verdict.Unsafe;
    }

    private Session enqueue(Session session, Pending pending, List<Action> out) {
        if (session.waiting().size() >= rules.queueMax()) {
            return refuse(session, pending, NotSentCause.QUEUE_FULL, rules.queueMax() + " requests wait already", out);
        }
        return session.with(session.waiting().addLast(pending));
    }

    private static Session refuse(Session session, Pending pending, NotSentCause cause, String why, List<Action> out) {
        return completed(session, pending, new Outcome.NotSent(cause, why), out);
    }

    static Session completed(Session session, Pending pending, Outcome outcome, List<Action> out) {
        out.add(new Action.Complete(pending, outcome));
        return session;
    }

    private static String condition(State state) {
        return switch (state) {
            case Init _ -> "not started";
            case WaitingServer s -> "still waiting for the VMM" + after(s.before());
            case WaitingService s -> "still waiting for the guest's upcall service" + after(s.before());
            case Opening _ -> "still waiting for the guest's answer to the handshake";
            case Connected _ -> "other requests are in the way";
            case ServiceBusy s -> s.pending().wireRequest() + " is out";
            case Overdue s -> "the reply to " + s.pending().wireRequest() + " is overdue";
            case Reconnecting s -> s.trouble().toString();
            case Closed _ -> "closed";
            case GivenUp s -> s.trouble().toString();
        };
    }

    /// A dial under way says little about why there is no connection; what ended the one before it says more.
    private static String after(Trouble before) {
        return before.tried().map(trouble -> "; before: " + trouble).orElse("");
    }
}
