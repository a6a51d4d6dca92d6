package dev.upcall.proto.session;

import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.once.OnceClient;
import dev.upcall.proto.guest.Hazard;
import dev.upcall.proto.guest.Verdict;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.State.Connected;
import dev.upcall.proto.session.State.ServiceBusy;
import dev.upcall.proto.session.extended.Extended;
import dev.upcall.proto.session.extended.Opened;
import dev.upcall.proto.session.request.Conclusion;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Outcome.NotSentCause;
import dev.upcall.proto.session.request.Outcome.UnknownCause;
import dev.upcall.proto.session.request.Pending;
import dev.upcall.proto.session.request.Waiting;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a request leaves for the guest: held against the picture at that very moment, because those before it change
/// the
/// picture; as EXECUTE_ONCE where that was agreed.
///
/// Pure, like [Transitions], whose collaborator it is.
final class Departure {

    private final SessionRules rules;

    Departure(SessionRules rules) {
        this.rules = rules;
    }

    /// @param rest what waits once this one has left
    Session send(Session session, Connected s, Pending pending, Waiting rest, long now, List<Action> out) {
        Request wire = pending.wireRequest();
        Outcome refused = session.extended() == null ? null : refusedByPeer(session, pending);
        if (refused != null) {
            Outcome ends = Conclusion.leaving(
                    pending, NotSentCause.PEER_LOST, UnknownCause.CONNECTION_LOST, "the guest it left for is lost");
            return Desk.completed(session.with(rest), pending, pending.again() == null ? refused : ends, out);
        }
        if (!pending.terms().sendUnsafe()) {
            switch (judge(session, pending, now)) {
                case Verdict.Unsafe unsafe -> {
                    return Desk.completed(session.with(rest), pending, Conclusion.heldBack(pending, unsafe), out);
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

    /// Every hot-plug request leaves as EXECUTE_ONCE where that was agreed; its content is the same whenever
    /// it is repeated.
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
        Opened asked = opened.with(opened.checker().requestSent());
        OnceClient once = extended.once();
        Extended.Life life = extended.lifeOf(opened);
        long epoch = s.connection().epoch();
        Pending leaving = pending;
        if (opened.has(Feature.EXACTLY_ONCE)) {
            Request same = pending.wireRequest();
            Pending.Sent sent = pending.sent();
            if (pending.isUnsettled() && sent != null) {
                out.add(new Action.TransmitOnce(epoch, same, once.repeat(sent.onceId(), same)));
            } else {
                // Only one request is out or lost at a time: nothing issued earlier will ever be asked for again.
                OnceClient.Issued issued = once.allSettled().issue(same);
                out.add(new Action.TransmitOnce(epoch, same, issued.request()));
                leaving = pending.sent(new Pending.Sent(issued.request().requestId(), life, false));
                once = issued.next();
            }
        } else {
            out.add(new Action.Transmit(epoch, wire));
            leaving = opened.has(Feature.INVENTORY) ? pending.sent(new Pending.Sent(0, life, false)) : pending;
        }
        return session.with(extended.with(asked, once))
                .with(new ServiceBusy(s, leaving, now + replyNanos(pending)), rest);
    }

    /// A copy has waited until its first one has ended; for a new request that may still be ahead.
    Verdict judge(Session session, Pending pending, long now) {
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

    /// Inside EXECUTE_ONCE an extended guest has none of `upcall-wire` 5.1, 5.2, 5.4: it answers what would
    /// crash or blind a stock one, and serialises what may still run (§5).
    private static boolean isSurvived(Hazard hazard) {
        return switch (hazard) {
            case CRASHES_GUEST, BLINDS_GUEST, IN_DOUBT, PICTURE_STALE, CAPACITY_UNKNOWN -> true;
            case CUTS_OWN_WIRE, WRONG_ARCHITECTURE -> false;
        };
    }

    /// Why the guest is not to be asked at all: it has said that it ends, or the device went with a lost
    /// one (§2, §3).
    static @Nullable Outcome refusedByPeer(Session session, Pending pending) {
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

    /// After a non-zero result a PCI request needs a connection whose reply buffer is fresh (`upcall-wire` 5.1).
    static boolean needsFresh(Connected s, Pending pending) {
        return s.connection().dirty() && pending.wireRequest().operation().isPci();
    }

    /// When the request that is out left.
    long sentAt(ServiceBusy s) {
        return s.deadline() - replyNanos(s.pending());
    }

    private long replyNanos(Pending pending) {
        long asked = pending.terms().replyNanos();
        return asked > 0 ? asked : rules.deadlines().replyNanos(pending.wireRequest());
    }
}
