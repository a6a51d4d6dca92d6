package dev.upcall.proto.session;

import dev.upcall.proto.extension.Decoded;
import dev.upcall.proto.extension.ExtensionErrno;
import dev.upcall.proto.extension.ExtensionReader;
import dev.upcall.proto.extension.ExtensionType;
import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.FromGuest;
import dev.upcall.proto.extension.Handshake;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.extension.Refusal;
import dev.upcall.proto.extension.liveness.Checker;
import dev.upcall.proto.session.State.Connected;
import dev.upcall.proto.session.State.Connection;
import dev.upcall.proto.session.State.Opening;
import dev.upcall.proto.session.extended.Extended;
import dev.upcall.proto.session.extended.ExtensionRules;
import dev.upcall.proto.session.extended.Extensions;
import dev.upcall.proto.session.extended.News;
import dev.upcall.proto.session.extended.Opened;
import dev.upcall.proto.session.extended.WishAnswer;
import dev.upcall.proto.wire.ExtensionFrame;
import dev.upcall.proto.wire.FrameLayout;
import java.util.List;
import java.util.Optional;

/// The opening of a connection (§1): whether the guest is asked, what it is offered, and how its answer
/// reads.
///
/// | answer                                  | what follows                                                         |
/// |-----------------------------------------|----------------------------------------------------------------------|
/// | 0 and a reply within the offer          | Connected, extended                                                  |
/// | −1, AUTO                                | Connected, stock: dirty, so that PCI goes by way of a reconnect      |
/// | −1, REQUIRED                            | GivenUp                                                              |
/// | −93, −11, another refusal               | retry, with a trouble of its own                                     |
/// | features outside the offer, other version, anything else | retry, MISBEHAVED                                   |
final class Greeter {

    private final SessionRules rules;
    private final Redial redial;

    Greeter(SessionRules rules, Redial redial) {
        this.rules = rules;
        this.redial = redial;
    }

    /// The guest has announced itself.
    ///
    /// @param connection nothing has been asked on it
    Session announced(Session session, Connection connection, Trouble before, long now, List<Action> out) {
        Extended extended = session.extended();
        boolean again = extended != null && !(extended.stock() && connection.attempt() == 0);
        if (extended == null || !again) {
            return session.with(new Connected(connection));
        }
        ExtensionRules terms = rules.extensions();
        out.add(new Action.Send(
                connection.epoch(),
                new Handshake.Open(
                        Handshake.VERSION,
                        Handshake.VERSION,
                        terms.offered(),
                        terms.client(),
                        Optional.ofNullable(extended.known()).map(Extended.Life::epoch),
                        (int) terms.liveness().interval().toMillis(),
                        extended.known() == null ? 0 : extended.events().seen())));
        long deadline = now + rules.deadlines().connectFrame().toNanos();
        return session.with(new Opening(connection, deadline, before));
    }

    Session answered(Session session, Opening s, ExtensionFrame frame, long now, List<Action> out) {
        if (frame.header().magic() != FrameLayout.MAGIC) {
            return broken(session, "handshake answered with " + frame, now, out);
        }
        return switch (ExtensionReader.fromGuest(frame)) {
            case Decoded.Message<FromGuest>(HandshakeReply.Open agreed) -> agreed(session, s, agreed, now, out);
            case Decoded.Message<FromGuest>(Refusal refusal) -> refused(session, s, refusal, now, out);
            case Decoded.Message<FromGuest>(FromGuest other) ->
                broken(session, "handshake answered with " + other, now, out);
            case Decoded.Unreadable<FromGuest> d -> broken(session, d.why(), now, out);
            case Decoded.Faulty<FromGuest> d -> broken(session, d.why(), now, out);
            case Decoded.UnknownType<FromGuest> d -> broken(session, d.why(), now, out);
        };
    }

    private Session agreed(Session session, Opening s, HandshakeReply.Open agreed, long now, List<Action> out) {
        ExtensionRules terms = rules.extensions();
        Extended extended = session.extended();
        if (extended == null || agreed.version() != Handshake.VERSION) {
            String why = "version " + agreed.version() + " agreed, " + Handshake.VERSION + " offered";
            return broken(session, why, now, out);
        }
        if (!agreed.features().isSubsetOf(terms.offered())) {
            String why = "features agreed: " + agreed.features() + ", offered: " + terms.offered();
            return broken(session, why, now, out);
        }
        Extended.Life life = new Extended.Life(agreed.guestEpoch(), agreed.bootId());
        Extended.Life before = extended.known();
        boolean sameLife = before != null && before.epoch().equals(life.epoch()) && !agreed.onceLost();
        boolean untrue = !sameLife
                || session.picture().stale()
                || !session.picture().inDoubt().isEmpty();
        Opened opened = new Opened(
                agreed,
                Checker.begin(Checker.Terms.of(agreed, terms.liveness()), now),
                null,
                Opened.STAYS,
                untrue && agreed.features().has(Feature.INVENTORY),
                null);
        out.add(new Action.Tell(new News.Greeted(Optional.of(agreed))));
        Session met = session.with(extended.with(extended.once().opened(agreed)).met(opened, life))
                .with(new Connected(s.connection()));
        Session alive = Pulse.alive(met, agreed.guestEpoch(), out);
        Session told = EventFlow.opened(alive, agreed, sameLife, before == null, out);
        return opened.has(Feature.INVENTORY)
                ? told
                : Wishes.denyAskers(told, WishAnswer.Cause.UNSUPPORTED, "the guest has not agreed to INVENTORY", out);
    }

    private Session refused(Session session, Opening s, Refusal refusal, long now, List<Action> out) {
        if (refusal.type() != ExtensionType.HANDSHAKE) {
            return broken(session, "handshake answered with " + refusal, now, out);
        }
        Connection c = s.connection();
        return switch (refusal.result()) {
            case ExtensionErrno.EPERM -> stock(session, c, now, out);
            case ExtensionErrno.EPROTONOSUPPORT ->
                redial.broken(
                        session,
                        new Trouble(Trouble.Kind.NO_COMMON_VERSION, "offered: " + Handshake.VERSION),
                        now,
                        out);
            case ExtensionErrno.EAGAIN -> redial.broken(session, Trouble.of(Trouble.Kind.TOO_MANY_CLIENTS), now, out);
            default ->
                redial.broken(
                        session, new Trouble(Trouble.Kind.OPENING_REFUSED, "result " + refusal.result()), now, out);
        };
    }

    /// The −1 has left the connection dirty (`upcall-wire` 5.1).
    private Session stock(Session session, Connection c, long now, List<Action> out) {
        if (rules.extensions().wanted() == Extensions.REQUIRED) {
            return redial.giveUp(session, c.epoch(), Trouble.of(Trouble.Kind.NO_EXTENSIONS), out);
        }
        // A voluntary reconnect asks only where an extended guest was: another kernel has booted meanwhile.
        boolean another = c.attempt() == 0;
        Session met = another ? Pulse.connectionLost(Redial.stale(session), rules, now, out) : session;
        out.add(new Action.Tell(new News.Greeted(Optional.empty())));
        Extended extended = met.extended();
        Session stock = extended == null
                ? met
                : met.with(extended.with(extended.once().openedStock()).metStock());
        Connection dirty = new Connection(c.epoch(), c.attempt(), c.since(), c.proven(), true);
        return Wishes.unsupported(stock, out).with(new Connected(dirty));
    }

    private Session broken(Session session, String why, long now, List<Action> out) {
        return redial.broken(session, new Trouble(Trouble.Kind.MISBEHAVED, why), now, out);
    }
}
