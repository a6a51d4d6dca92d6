package dev.upcall.proto.session;

import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.guest.Deadlines;
import dev.upcall.proto.guest.Dialect;
import dev.upcall.proto.message.Reply;
import dev.upcall.proto.session.Event.DialFailed;
import dev.upcall.proto.session.Event.ExtensionArrived;
import dev.upcall.proto.session.Event.FrameArrived;
import dev.upcall.proto.session.Event.FromTransport;
import dev.upcall.proto.session.Event.PeerClosed;
import dev.upcall.proto.session.Event.PeerMisbehaved;
import dev.upcall.proto.session.Event.ServerAccepted;
import dev.upcall.proto.session.Event.ServiceAnnounced;
import dev.upcall.proto.session.Event.TransportOpened;
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
import dev.upcall.proto.session.extended.Extended;
import dev.upcall.proto.session.extended.Extensions;
import dev.upcall.proto.session.extended.WishAnswer;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Outcome.UnknownCause;
import dev.upcall.proto.session.request.Pending;
import java.util.List;

/// All transitions of a session: state × event × now → state, and the actions to carry out.
///
/// Every switch is over a sealed type and has no default: a new state or event does not compile until each of
/// its cells is spoken for. The table is in the package's documentation, and a test holds it against this
/// class.
///
/// The order of a step: what has waited for its time ends, whatever the event; a late fact about an earlier
/// transport changes nothing; then the event; then, whenever the guest can be asked, the next request
/// ([Desk#dispatch]).
///
/// Thread-safe: has no state of its own.
public final class Transitions {

    private final SessionRules rules;
    private final Desk desk;
    private final Departure departure;
    private final Redial redial;
    private final Greeter greeter;
    private final ExtensionDesk extensions;

    public Transitions(SessionRules rules) {
        Oracle oracle = new Oracle(rules);
        this.rules = rules;
        this.departure = new Departure(rules);
        this.desk = new Desk(rules, departure, oracle);
        this.redial = new Redial(rules, desk, departure);
        this.greeter = new Greeter(rules, redial);
        this.extensions = new ExtensionDesk(redial, oracle);
    }

    /// Makes one step.
    ///
    /// @param now nanoseconds on a clock that starts near 0 and never goes back
    /// @param out receives the actions, in the order in which they are to be carried out
    public Session step(Session before, Event event, long now, List<Action> out) {
        Session session = desk.expire(before, now, out);
        Session next = switch (event) {
            case FromTransport e -> e.epoch() == liveEpoch(session.state()) ? transport(session, e, now, out) : session;
            case Event.RequestSubmitted e -> desk.submitted(session, e.pending(), now, out);
            case Event.RequestCancelled e -> desk.cancelled(session, e.ticket(), out);
            case Event.Wished e -> Wishes.wished(asking(session), e.wish(), out);
            case Event.PictureGiven e -> pictureGiven(session, e.picture(), now);
            case Event.CloseAsked _ -> closeAsked(session, out);
            case Event.Started _ -> started(session, now, out);
            case Event.PathChanged _ -> pathChanged(session, now, out);
            case Event.TimePassed _ -> timePassed(extensions.timePassed(session, now, out), now, out);
        };
        return desk.dispatch(next, now, out);
    }

    private Session transport(Session session, FromTransport event, long now, List<Action> out) {
        return switch (session.state()) {
            case WaitingServer s -> inWaitingServer(session, s, event, now, out);
            case WaitingService s -> inWaitingService(session, s, event, now, out);
            case Opening s -> inOpening(session, s, event, now, out);
            case Connected _ -> inConnected(session, event, now, out);
            case ServiceBusy s -> inServiceBusy(session, s, event, now, out);
            case Overdue s -> inOverdue(session, s, event, now, out);
            case Init _, Reconnecting _, Closed _, GivenUp _ -> session; // no live transport: filtered by its epoch
        };
    }

    private Session inWaitingServer(Session session, WaitingServer s, FromTransport event, long now, List<Action> out) {
        return switch (event) {
            case TransportOpened _
            when rules.hybrid() -> {
                out.add(new Action.SendConnectLine(s.epoch()));
                yield session;
            }
            case TransportOpened _, ServerAccepted _ -> {
                out.add(new Action.SendServiceByte(s.epoch()));
                boolean slow = now - s.since() > SessionRules.SAME_GUEST_WITHIN.toNanos();
                Session known = s.attempt() == 0 && slow ? Redial.stale(session) : session;
                yield known.with(new WaitingService(
                        s.epoch(),
                        s.attempt(),
                        now + rules.deadlines().connectFrame().toNanos(),
                        s.before()));
            }
            case DialFailed e -> redial.retry(session, s.epoch(), s.attempt(), e.trouble(), now, out);
            case PeerClosed e -> {
                boolean parked = now - s.since() >= SessionRules.PARKED_AFTER.toNanos();
                Trouble trouble = new Trouble(parked ? Trouble.Kind.PARKED : Trouble.Kind.CLOSED_BEFORE_OK, e.how());
                yield redial.retry(session, s.epoch(), s.attempt(), trouble, now, out);
            }
            case PeerMisbehaved e ->
                redial.retry(session, s.epoch(), s.attempt(), new Trouble(Trouble.Kind.BAD_OK_LINE, e.why()), now, out);
            case ServiceAnnounced _, FrameArrived _, ExtensionArrived _ ->
                redial.retry(session, s.epoch(), s.attempt(), outOfTurn(event), now, out);
        };
    }

    private Session inWaitingService(
            Session session, WaitingService s, FromTransport event, long now, List<Action> out) {
        return switch (event) {
            case ServiceAnnounced e -> {
                var wrong = Reply.checkConnect(e.frame());
                if (wrong.isEmpty()) {
                    Connection connection = new Connection(s.epoch(), s.attempt(), now, false, false);
                    yield greeter.announced(session, connection, s.before(), now, out);
                }
                boolean older = Dialect.ofFirstFrame(e.frame().header()) == Dialect.OF_2021;
                Trouble trouble =
                        new Trouble(older ? Trouble.Kind.OLDER_DIALECT : Trouble.Kind.NOT_UPCALL, wrong.get());
                yield redial.retry(session, s.epoch(), s.attempt(), trouble, now, out);
            }
            case PeerClosed e ->
                redial.retry(
                        session,
                        s.epoch(),
                        s.attempt(),
                        new Trouble(Trouble.Kind.CLOSED_BEFORE_CONNECT, e.how()),
                        now,
                        out);
            case DialFailed e -> redial.retry(session, s.epoch(), s.attempt(), e.trouble(), now, out);
            case PeerMisbehaved e ->
                redial.retry(session, s.epoch(), s.attempt(), new Trouble(Trouble.Kind.NOT_UPCALL, e.why()), now, out);
            case TransportOpened _, ServerAccepted _, FrameArrived _, ExtensionArrived _ ->
                redial.retry(session, s.epoch(), s.attempt(), outOfTurn(event), now, out);
        };
    }

    private Session inOpening(Session session, Opening s, FromTransport event, long now, List<Action> out) {
        return event instanceof ExtensionArrived e
                ? greeter.answered(session, s, e.frame(), now, out)
                : redial.broken(session, troubleOf(event), now, out);
    }

    /// While idle every fact means trouble (`upcall-wire` 5.12): noticed at once, not at the next request.
    /// Only an extended guest may speak unasked.
    private Session inConnected(Session session, FromTransport event, long now, List<Action> out) {
        return event instanceof ExtensionArrived e
                ? extensions.arrived(session, e.frame(), now, out)
                : redial.broken(session, troubleOf(event), now, out);
    }

    private Session inServiceBusy(Session session, ServiceBusy s, FromTransport event, long now, List<Action> out) {
        if (event instanceof ExtensionArrived e && session.opened() != null) {
            return extensions.arrived(session, e.frame(), now, out);
        }
        if (event instanceof FrameArrived e) {
            return switch (match(s.pending(), e)) {
                case Reply.Answer answer -> Settlement.answered(session, s, answer, now, out);
                case Reply.Misbehaved m -> {
                    out.add(new Action.Complete(s.pending(), new Outcome.Misbehaved(m.why())));
                    Trouble trouble = new Trouble(Trouble.Kind.MISBEHAVED, m.why());
                    Session lingers = Redial.lingering(session, s.pending(), departure.sentAt(s), now);
                    yield redial.lost(lingers, s.connection(), trouble, now, out);
                }
            };
        }
        return redial.broken(session, troubleOf(event), now, out);
    }

    private Session inOverdue(Session session, Overdue s, FromTransport event, long now, List<Action> out) {
        if (event instanceof ExtensionArrived e && session.opened() != null) {
            return extensions.arrived(session, e.frame(), now, out);
        }
        return event instanceof FrameArrived e && match(s.pending(), e) instanceof Reply.Answer answer
                ? Settlement.answeredLate(session, s, answer, now, out)
                : redial.broken(session, troubleOf(event), now, out);
    }

    private static Reply match(Pending pending, FrameArrived event) {
        return pending.isOnce()
                ? new Reply.Misbehaved("EXECUTE_ONCE answered with a plain frame: " + event.frame())
                : Reply.match(pending.wireRequest(), event.frame());
    }

    private Session started(Session session, long now, List<Action> out) {
        if (!(session.state() instanceof Init)) {
            return session;
        }
        return dial(asking(session), 1, Trouble.of(Trouble.Kind.NOT_TRIED), now, out);
    }

    /// What is wished before the start is wished of the guest that will be met.
    private Session asking(Session session) {
        boolean asks = rules.extensions().wanted() != Extensions.OFF && session.extended() == null;
        return asks ? session.with(Extended.begin(rules.extensions())) : session;
    }

    /// Where dialling failed, a changed path is a reason to try at once, and with a fresh budget: it is
    /// another socket now. A peer that accepts and hangs up earns no such favour, and a voluntary reconnect
    /// dials anyway.
    private Session pathChanged(Session session, long now, List<Action> out) {
        return session.state() instanceof Reconnecting s && s.trouble().isOfTheDial()
                ? dial(session, 1, s.trouble(), now, out)
                : session;
    }

    /// Whoever gives a picture cannot know how what is overdue or lingers will end.
    private static Session pictureGiven(Session session, CpuPicture picture, long now) {
        Session given = session.with(session.state(), session.lingering().doubt(picture, now));
        return session.state() instanceof Overdue s ? doubting(given, s.pending()) : given;
    }

    private Session timePassed(Session session, long now, List<Action> out) {
        return switch (session.state()) {
            case WaitingServer s
            when now >= s.deadline() -> {
                Trouble.Kind kind = rules.hybrid() ? Trouble.Kind.NO_OK_IN_TIME : Trouble.Kind.CANNOT_DIAL;
                Trouble trouble = new Trouble(
                        kind, "waited " + Deadlines.text(rules.deadlines().okLine()));
                yield redial.retry(session, s.epoch(), s.attempt(), trouble, now, out);
            }
            case WaitingService s
            when now >= s.deadline() -> {
                Trouble trouble = new Trouble(
                        Trouble.Kind.NO_CONNECT_IN_TIME,
                        "waited " + Deadlines.text(rules.deadlines().connectFrame()));
                yield redial.retry(session, s.epoch(), s.attempt(), trouble, now, out);
            }
            case Opening s
            when now >= s.deadline() ->
                redial.broken(
                        session,
                        new Trouble(
                                Trouble.Kind.NO_OPENING_IN_TIME,
                                "waited " + Deadlines.text(rules.deadlines().connectFrame())),
                        now,
                        out);
            case ServiceBusy s
            when now >= s.deadline() -> {
                out.add(new Action.Complete(
                        s.pending(),
                        new Outcome.Unknown(
                                UnknownCause.REPLY_DEADLINE,
                                "no reply to " + s.pending().wireRequest()
                                        + " in time; the guest may still carry it out")));
                long last = now + SessionRules.OVERDUE_MAX.toNanos();
                yield doubting(session, s.pending())
                        .with(new Overdue(s.connection(), s.pending(), departure.sentAt(s), last));
            }
            case Overdue s
            when now >= s.deadline() ->
                redial.broken(
                        session,
                        new Trouble(
                                Trouble.Kind.NO_LATE_REPLY,
                                s.pending().wireRequest().toString()),
                        now,
                        out);
            case Reconnecting s when now >= s.resumeAt() -> dial(session, s.attempt(), s.trouble(), now, out);
            case Init _,
                    WaitingServer _,
                    WaitingService _,
                    Opening _,
                    Connected _,
                    ServiceBusy _,
                    Overdue _,
                    Reconnecting _,
                    Closed _,
                    GivenUp _ -> session;
        };
    }

    private Session closeAsked(Session session, List<Action> out) {
        if (session.state() instanceof Closed) {
            return session;
        }
        long live = liveEpoch(session.state());
        if (live != NO_EPOCH) {
            out.add(new Action.DropTransport(live));
        }
        Session closing = session;
        if (session.state() instanceof ServiceBusy s) {
            out.add(new Action.Complete(
                    s.pending(),
                    new Outcome.Unknown(
                            UnknownCause.CLOSED,
                            "closed while " + s.pending().wireRequest() + " was out; the guest may carry it out")));
            closing = doubting(session, s.pending());
        }
        Session cleared = desk.clear(closing, Outcome.NotSentCause.CLOSED, "the session was closed", out);
        return Wishes.end(cleared, WishAnswer.Cause.CLOSED, "the session was closed", out)
                .with(new Closed());
    }

    private Session dial(Session session, int attempt, Trouble before, long now, List<Action> out) {
        long epoch = session.epoch() + 1;
        out.add(new Action.OpenTransport(epoch));
        long deadline = now + rules.deadlines().okLine().toNanos();
        return new Session(
                new WaitingServer(epoch, attempt, now, deadline, before),
                session.waiting(),
                new Session.Lasting(session.picture(), session.lingering(), epoch, session.extended()));
    }

    private static Session doubting(Session session, Pending pending) {
        return session.with(session.state(), session.picture().inDoubtAbout(pending.wireRequest()));
    }

    private static Trouble troubleOf(FromTransport event) {
        return switch (event) {
            case PeerClosed e -> new Trouble(Trouble.Kind.LOST, e.how());
            case DialFailed e -> e.trouble();
            case PeerMisbehaved e -> new Trouble(Trouble.Kind.MISBEHAVED, e.why());
            case FrameArrived e -> new Trouble(Trouble.Kind.MISBEHAVED, "a frame nobody asked for: " + e.frame());
            case ExtensionArrived e -> new Trouble(Trouble.Kind.MISBEHAVED, "a frame nobody asked for: " + e.frame());
            case TransportOpened _, ServerAccepted _, ServiceAnnounced _ -> outOfTurn(event);
        };
    }

    private static Trouble outOfTurn(FromTransport event) {
        return new Trouble(
                Trouble.Kind.MISBEHAVED, "out of turn: " + event.getClass().getSimpleName());
    }

    private static final long NO_EPOCH = -1;

    /// The transport whose facts count now.
    private static long liveEpoch(State state) {
        return switch (state) {
            case WaitingServer s -> s.epoch();
            case WaitingService s -> s.epoch();
            case Opening s -> s.connection().epoch();
            case Connected s -> s.connection().epoch();
            case ServiceBusy s -> s.connection().epoch();
            case Overdue s -> s.connection().epoch();
            case Init _, Reconnecting _, Closed _, GivenUp _ -> NO_EPOCH;
        };
    }
}
