package dev.upcall.proto.session;

import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.once.AfterLoss;
import dev.upcall.proto.extension.once.OnceClient;
import dev.upcall.proto.guest.Hazard;
import dev.upcall.proto.guest.Repetition;
import dev.upcall.proto.guest.Verdict;
import dev.upcall.proto.message.Reply;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.Outcome.NotSentCause;
import dev.upcall.proto.session.Outcome.UnknownCause;
import dev.upcall.proto.session.Pending.Step;
import dev.upcall.proto.session.State.Closed;
import dev.upcall.proto.session.State.Connected;
import dev.upcall.proto.session.State.Connection;
import dev.upcall.proto.session.State.GivenUp;
import dev.upcall.proto.session.State.Init;
import dev.upcall.proto.session.State.Opening;
import dev.upcall.proto.session.State.Overdue;
import dev.upcall.proto.session.State.Reconnecting;
import dev.upcall.proto.session.State.ServiceBusy;
import dev.upcall.proto.session.State.WaitingServer;
import dev.upcall.proto.session.State.WaitingService;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// Where requests come in, wait, are judged, leave, and end: the part of a step that is about requests.
///
/// A request is held against the picture of the guest at the moment it would leave, because those before it change
/// the picture. Pure, like [Transitions], whose collaborator it is.
final class Desk {

    private final SessionRules rules;
    private final Oracle oracle;

    Desk(SessionRules rules, Oracle oracle) {
        this.rules = rules;
        this.oracle = oracle;
    }

    Session submitted(Session session, Pending pending, long now, List<Action> out) {
        Outcome refused = session.extended() == null ? null : refusedByPeer(session, pending);
        if (refused != null) {
            return completed(session, pending, refused, out);
        }
        return switch (session.state()) {
            case Closed _ -> refuse(session, pending, NotSentCause.CLOSED, "the session is closed", out);
            case GivenUp s ->
                refuse(session, pending, NotSentCause.NOT_CONNECTED, s.trouble().toString(), out);
            case Connected s
            when session.waiting().size() == 0 && session.opened() == null && !needsFresh(s, pending) ->
                send(session, s, pending, session.waiting(), now, out);
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

    Session cancelled(Session session, Object ticket, List<Action> out) {
        return session.waiting()
                .find(ticket)
                .map(found -> {
                    out.add(new Action.Complete(
                            found, leaving(found, NotSentCause.CANCELLED, UnknownCause.CLOSED, "cancelled")));
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
                        p -> out.add(new Action.Complete(p, leaving(p, cause, UnknownCause.CONNECTION_LOST, why)))));
    }

    /// Ends everything that waits.
    Session clear(Session session, NotSentCause cause, String why, List<Action> out) {
        UnknownCause sent = cause == NotSentCause.CLOSED ? UnknownCause.CLOSED : UnknownCause.CONNECTION_LOST;
        for (Pending p : session.waiting().toList()) {
            out.add(new Action.Complete(p, leaving(p, cause, sent, why)));
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
            if (needsFresh(s, head)) {
                return Redial.voluntary(at, s.connection(), Trouble.of(Trouble.Kind.CLEANING), now, out);
            }
            at = send(at, s, head, at.waiting().removeFirst(), now, out);
        }
        return at;
    }

    /// What the guest that answers now means for a lost request: null where it is to be asked (again),
    /// else the session
    /// without it.
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

    /// Whether the guest is to be asked what it has before this request: to settle it, or because it would
    /// be held
    /// back,
    /// or is a removal that a guest without EXECUTE_ONCE might not survive (§4).
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
        return removesCpus || judge(session, head, now) instanceof Verdict.Unsafe;
    }

    Session answered(Session session, ServiceBusy s, Reply.Answer answer, long now, List<Action> out) {
        Pending pending = s.pending();
        Request wire = pending.wireRequest();
        Session next = session.with(
                after(s.before(), answer, pending.isOnce()), session.picture().afterAnswer(wire, answer));
        if (session.opened() != null) {
            next = idleAgain(next, pending, answer, now);
        }
        Pending.Again again = pending.again();
        if (again == null) {
            out.add(new Action.Complete(pending, plain(answer)));
            return next;
        }
        return switch (again.step()) {
            case CLEAR -> cleared(next, pending, again, answer, now, out);
            case REPEAT -> repeated(next, pending, again, answer, now, out);
            case RESTORE, SETTLE -> completed(next, pending, plain(answer), out);
        };
    }

    /// The reply that was given up: the truth for the picture, and for whoever asked to be told.
    Session answeredLate(Session session, Overdue s, Reply.Answer answer, long now, List<Action> out) {
        Pending pending = s.pending();
        out.add(new Action.CompleteLate(pending, late(pending, answer)));
        Session next = session.with(
                after(new Connected(s.connection()), answer, pending.isOnce()),
                session.picture().afterAnswer(pending.wireRequest(), answer));
        return session.opened() == null ? next : idleAgain(next, pending, answer, now);
    }

    /// EXECUTE_ONCE was refused: the first copy was not begun; a repeated one says nothing of the first
    /// (§5, §6).
    Session onceRefused(Session session, ServiceBusy s, int result, long now, List<Action> out) {
        Pending pending = s.pending();
        Pending.Sent sent = pending.sent();
        if (!pending.isUnsettled() || sent == null) {
            return answered(session, s, new Reply.Answer(result, OptionalInt.empty()), now, out);
        }
        Opened opened = session.opened();
        Session idle = session.with(s.before());
        idle = opened == null ? idle : idle.with(opened.with(opened.checker().requestEnded(now)));
        Pending forgotten = pending.sent(new Pending.Sent(sent.onceId(), sent.to(), true));
        return idle.with(idle.waiting().addFirst(forgotten));
    }

    /// The guest has answered and is free.
    private static Session idleAgain(Session session, Pending pending, Reply.Answer answer, long now) {
        Extended extended = session.extended();
        Opened opened = session.opened();
        if (extended == null || opened == null) {
            return session;
        }
        Opened free = opened.with(opened.checker().frameHeard(now).requestEnded(now));
        return session.with(
                extended.with(free).with(Pulse.after(extended.attachment(), pending.wireRequest(), answer)));
    }

    /// The connection went while the request was out, which lingers now: repeat it where that is known to be harmless,
    /// else it is unknown.
    Session replyLost(Session session, ServiceBusy s, Trouble trouble, long now, List<Action> out) {
        Pending pending = s.pending();
        Repetition rule = Repetition.of(pending.request());
        Pending.Again before = pending.again();
        long giveUpAt =
                before != null ? before.giveUpAt() : now + pending.terms().recoverNanos();
        if (pending.sent() != null && (before == null || pending.isUnsettled()) && now < giveUpAt) {
            return session.with(session.waiting().addFirst(pending.again(Step.SETTLE, now, giveUpAt)));
        }
        long notBefore = rule == Repetition.AT_ONCE ? now : session.lingering().until();
        if (rule == Repetition.NEVER || notBefore >= giveUpAt || pending.sent() != null) {
            out.add(new Action.Complete(
                    pending,
                    new Outcome.Unknown(
                            UnknownCause.CONNECTION_LOST,
                            "the connection was lost while " + pending.wireRequest() + " was out (" + trouble + ")")));
            return session;
        }
        boolean restoring = before != null && before.step() != Step.REPEAT;
        Pending copy = pending.again(restoring ? Step.CLEAR : Step.REPEAT, notBefore, giveUpAt);
        return session.with(session.waiting().addFirst(copy));
    }

    /// @param rest what waits once this one has left
    private Session send(Session session, Connected s, Pending pending, Waiting rest, long now, List<Action> out) {
        Request wire = pending.wireRequest();
        Outcome refused = session.extended() == null ? null : refusedByPeer(session, pending);
        if (refused != null) {
            Outcome ends = leaving(
                    pending, NotSentCause.PEER_LOST, UnknownCause.CONNECTION_LOST, "the guest it left for is lost");
            return completed(session.with(rest), pending, pending.again() == null ? refused : ends, out);
        }
        if (!pending.terms().sendUnsafe()) {
            switch (judge(session, pending, now)) {
                case Verdict.Unsafe unsafe -> {
                    return completed(session.with(rest), pending, heldBack(pending, unsafe), out);
                }
                case Verdict.Safe safe -> wire = safe.request();
            }
        }
        Extended extended = session.extended();
        if (extended != null && extended.opened() != null) {
            return sendExtended(session, extended, extended.opened(), s, pending, wire, rest, now, out);
        }
        out.add(new Action.Transmit(s.connection().epoch(), wire));
        return session.with(new ServiceBusy(s, pending, now + replyNanos(pending)), rest);
    }

    /// Every hot-plug request leaves as EXECUTE_ONCE where that was agreed; its content is the same
    /// whenever it is
    /// repeated.
    private Session sendExtended(
            Session session,
            Extended extended,
            Opened opened,
            Connected s,
            Pending pending,
            Request wire,
            Waiting rest,
            long now,
            List<Action> out) {
        Extended next = extended.with(opened.with(opened.checker().requestSent()));
        Extended.Life life =
                new Extended.Life(opened.agreed().guestEpoch(), opened.agreed().bootId());
        long epoch = s.connection().epoch();
        Pending leaving = pending;
        if (opened.has(Feature.EXACTLY_ONCE)) {
            Request same = pending.wireRequest();
            Pending.Sent sent = pending.sent();
            if (pending.isUnsettled() && sent != null) {
                out.add(new Action.TransmitOnce(epoch, same, extended.once().repeat(sent.onceId(), same)));
            } else {
                // Only one request is out or lost at a time: nothing issued earlier will ever be asked for again.
                OnceClient.Issued issued = extended.once().allSettled().issue(same);
                out.add(new Action.TransmitOnce(epoch, same, issued.request()));
                leaving = pending.sent(new Pending.Sent(issued.request().requestId(), life, false));
                next = next.with(issued.next());
            }
        } else {
            out.add(new Action.Transmit(epoch, wire));
            leaving = opened.has(Feature.INVENTORY) ? pending.sent(new Pending.Sent(0, life, false)) : pending;
        }
        return session.with(next).with(new ServiceBusy(s, leaving, now + replyNanos(pending)), rest);
    }

    /// Why the guest is not to be asked at all: it has said that it ends, or the device went with a lost
    /// one (§2, §3).
    private static @Nullable Outcome refusedByPeer(Session session, Pending pending) {
        Opened opened = session.opened();
        if (opened != null && opened.leaving()) {
            return new Outcome.NotSent(NotSentCause.PEER_LEAVING, "the guest has said that it ends");
        }
        return Pulse.isLost(session, pending.request())
                ? new Outcome.NotSent(
                        NotSentCause.PEER_LOST,
                        pending.request() + ": the guest it was plugged into is lost; unregister the device first")
                : null;
    }

    /// When the request that is out left.
    long sentAt(ServiceBusy s) {
        return s.deadline() - replyNanos(s.pending());
    }

    private long replyNanos(Pending pending) {
        long asked = pending.terms().replyNanos();
        return asked > 0 ? asked : rules.deadlines().replyNanos(pending.wireRequest());
    }

    /// A copy has waited until its first one has ended; for a new request that may still be ahead.
    private Verdict judge(Session session, Pending pending, long now) {
        Request wire = pending.wireRequest();
        Verdict verdict =
                pending.again() == null && session.lingering().judge(wire, now) instanceof Verdict.Unsafe unsafe
                        ? unsafe
                        : rules.safety().judge(wire, session.picture());
        Opened opened = session.opened();
        return opened != null
                        && opened.has(Feature.EXACTLY_ONCE)
                        && verdict instanceof Verdict.Unsafe u
                        && isSurvived(u.hazard())
                ? new Verdict.Safe(wire)
                : verdict;
    }

    /// Inside EXECUTE_ONCE an extended guest has none of `upcall-wire` 5.1, 5.2, 5.4: it answers what
    /// would crash or
    /// blind
    /// a stock one, and serialises what may still run (§5).
    private static boolean isSurvived(Hazard hazard) {
        return switch (hazard) {
            case CRASHES_GUEST, BLINDS_GUEST, IN_DOUBT, PICTURE_STALE, CAPACITY_UNKNOWN -> true;
            case CUTS_OWN_WIRE, WRONG_ARCHITECTURE -> false;
        };
    }

    private Session repeated(
            Session next, Pending pending, Pending.Again again, Reply.Answer answer, long now, List<Action> out) {
        return switch (Repetition.read(pending.request(), answer.result())) {
            case PLAIN -> completed(next, pending, plain(answer), out);
            case ABSENT -> completed(next, pending, new Outcome.Absent(), out);
            case PROBABLY_DONE -> {
                if (pending.terms().remakeMmio()) {
                    yield next.with(next.waiting().addFirst(pending.again(Step.CLEAR, now, again.giveUpAt())));
                }
                yield completed(next, pending, probablyDone(pending), out);
            }
        };
    }

    private static Session cleared(
            Session next, Pending pending, Pending.Again again, Reply.Answer answer, long now, List<Action> out) {
        Repetition.Reading reading = Repetition.read(pending.wireRequest(), answer.result());
        if (answer.succeeded() || reading == Repetition.Reading.ABSENT) {
            return next.with(next.waiting().addFirst(pending.again(Step.RESTORE, now, again.giveUpAt())));
        }
        return completed(next, pending, notCleared("result " + answer.result()), out);
    }

    /// How a late answer reads: nothing more is sent for a request that has ended.
    private static Outcome late(Pending pending, Reply.Answer answer) {
        Pending.Again again = pending.again();
        if (again == null || again.step() == Step.RESTORE || again.step() == Step.SETTLE) {
            return plain(answer);
        }
        Repetition.Reading reading = Repetition.read(pending.wireRequest(), answer.result());
        if (again.step() == Step.CLEAR) {
            boolean gone = answer.succeeded() || reading == Repetition.Reading.ABSENT;
            return gone ? new Outcome.Absent() : notCleared("result " + answer.result()); // and not added again
        }
        return switch (reading) {
            case PLAIN -> plain(answer);
            case ABSENT -> new Outcome.Absent();
            case PROBABLY_DONE -> probablyDone(pending);
        };
    }

    private static Outcome probablyDone(Pending pending) {
        return new Outcome.Unknown(
                UnknownCause.PROBABLY_DONE,
                "probably done: repeated after its reply was lost, " + pending.request()
                        + " found the window or IRQ taken");
    }

    private static Outcome notCleared(String why) {
        return new Outcome.Unknown(UnknownCause.PROBABLY_DONE, "the window is taken and could not be cleared: " + why);
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

    private static Session completed(Session session, Pending pending, Outcome outcome, List<Action> out) {
        out.add(new Action.Complete(pending, outcome));
        return session;
    }

    /// Only the removal that would clear the way can be held back after a copy has left.
    private static Outcome heldBack(Pending pending, Verdict.Unsafe unsafe) {
        return pending.again() == null ? new Outcome.Unsafe(unsafe.hazard(), unsafe.why()) : notCleared(unsafe.why());
    }

    /// How a request that leaves the queue ends: a copy that was sent before makes it unknown, else it never left.
    private static Outcome leaving(Pending pending, NotSentCause unsent, UnknownCause sent, String why) {
        return pending.again() == null
                ? new Outcome.NotSent(unsent, why)
                : new Outcome.Unknown(sent, "its reply was lost with the connection, and then: " + why);
    }

    private static Outcome plain(Reply.Answer answer) {
        if (!answer.succeeded()) {
            return new Outcome.Refused(answer.result());
        }
        return answer.word().isPresent() ? new Outcome.Done(answer.word()) : Outcome.Done.PLAIN;
    }

    /// After a non-zero result a PCI request needs a connection whose reply buffer is fresh (`upcall-wire` 5.1).
    private static boolean needsFresh(Connected s, Pending pending) {
        return s.connection().dirty() && pending.wireRequest().operation().isPci();
    }

    /// A connection is dirty after a non-zero result and clean after a result that was written. A PCI success writes
    /// none, but PCI is only asked on a clean connection.
    private static Connected after(Connected before, Reply.Answer answer, boolean once) {
        Connection c = before.connection();
        boolean dirty = !answer.succeeded() && !once;
        return c.proven() && c.dirty() == dirty
                ? before
                : new Connected(new Connection(c.epoch(), c.attempt(), c.since(), true, dirty));
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
