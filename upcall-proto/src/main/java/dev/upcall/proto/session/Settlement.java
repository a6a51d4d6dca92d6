package dev.upcall.proto.session;

import dev.upcall.proto.guest.Repetition;
import dev.upcall.proto.message.Reply;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.State.Connected;
import dev.upcall.proto.session.State.Connection;
import dev.upcall.proto.session.State.Overdue;
import dev.upcall.proto.session.State.ServiceBusy;
import dev.upcall.proto.session.extended.Extended;
import dev.upcall.proto.session.extended.Opened;
import dev.upcall.proto.session.request.Conclusion;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Outcome.UnknownCause;
import dev.upcall.proto.session.request.Pending;
import dev.upcall.proto.session.request.Pending.Step;
import java.util.List;
import java.util.OptionalInt;

/// How a request that was out ends: by its answer, by a late one, or by the loss of its connection; or goes out once
/// more
/// where that is known to be harmless.
///
/// Pure, like [Transitions], whose collaborator it is.
final class Settlement {

    private Settlement() {}

    static Session answered(Session session, ServiceBusy s, Reply.Answer answer, long now, List<Action> out) {
        Pending pending = s.pending();
        Request wire = pending.wireRequest();
        Session next = session.with(
                after(s.before(), answer, pending.isOnce()), session.picture().afterAnswer(wire, answer));
        if (session.opened() != null) {
            next = idleAgain(next, pending, answer, now);
        }
        Pending.Again again = pending.again();
        if (again == null) {
            out.add(new Action.Complete(pending, Conclusion.plain(answer)));
            return next;
        }
        return switch (again.step()) {
            case CLEAR -> cleared(next, pending, again, answer, now, out);
            case REPEAT -> repeated(next, pending, again, answer, now, out);
            case RESTORE, SETTLE -> Desk.completed(next, pending, Conclusion.plain(answer), out);
        };
    }

    /// The reply that was given up: the truth for the picture, and for whoever asked to be told.
    static Session answeredLate(Session session, Overdue s, Reply.Answer answer, long now, List<Action> out) {
        Pending pending = s.pending();
        out.add(new Action.CompleteLate(pending, Conclusion.late(pending, answer)));
        Session next = session.with(
                after(new Connected(s.connection()), answer, pending.isOnce()),
                session.picture().afterAnswer(pending.wireRequest(), answer));
        return session.opened() == null ? next : idleAgain(next, pending, answer, now);
    }

    /// EXECUTE_ONCE was refused: the first copy was not begun; a repeated one says nothing of the first
    /// (§5, §6).
    static Session onceRefused(Session session, ServiceBusy s, int result, long now, List<Action> out) {
        Pending pending = s.pending();
        Pending.Sent sent = pending.sent();
        if (!pending.isUnsettled() || sent == null) {
            return answered(session, s, new Reply.Answer(result, OptionalInt.empty()), now, out);
        }
        Opened opened = session.opened();
        Session idle = session.with(s.before());
        idle = opened == null
                ? idle
                : idle.with(opened.with(opened.checker().frameHeard(now).requestEnded(now)));
        Pending forgotten = pending.sent(new Pending.Sent(sent.onceId(), sent.to(), true));
        return idle.with(idle.waiting().addFirst(forgotten));
    }

    /// The connection went while the request was out, which lingers now: repeat it where that is known to be harmless,
    /// else it is unknown.
    static Session replyLost(Session session, ServiceBusy s, Trouble trouble, long now, List<Action> out) {
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

    /// The guest has answered and is free.
    private static Session idleAgain(Session session, Pending pending, Reply.Answer answer, long now) {
        Extended extended = session.extended();
        Opened opened = session.opened();
        if (extended == null || opened == null) {
            return session;
        }
        Opened free = opened.with(opened.checker().frameHeard(now).requestEnded(now));
        return session.with(extended.with(free, Pulse.after(extended.attachment(), pending.wireRequest(), answer)));
    }

    private static Session repeated(
            Session next, Pending pending, Pending.Again again, Reply.Answer answer, long now, List<Action> out) {
        return switch (Repetition.read(pending.request(), answer.result())) {
            case PLAIN -> Desk.completed(next, pending, Conclusion.plain(answer), out);
            case ABSENT -> Desk.completed(next, pending, new Outcome.Absent(), out);
            case PROBABLY_DONE -> {
                if (pending.terms().remakeMmio()) {
                    yield next.with(next.waiting().addFirst(pending.again(Step.CLEAR, now, again.giveUpAt())));
                }
                yield Desk.completed(next, pending, Conclusion.probablyDone(pending), out);
            }
        };
    }

    private static Session cleared(
            Session next, Pending pending, Pending.Again again, Reply.Answer answer, long now, List<Action> out) {
        Repetition.Reading reading = Repetition.read(pending.wireRequest(), answer.result());
        if (answer.succeeded() || reading == Repetition.Reading.ABSENT) {
            return next.with(next.waiting().addFirst(pending.again(Step.RESTORE, now, again.giveUpAt())));
        }
        return Desk.completed(next, pending, Conclusion.notCleared("result " + answer.result()), out);
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
}
