package dev.upcall.proto.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.ExtensionType;
import dev.upcall.proto.extension.ExtensionWriter;
import dev.upcall.proto.extension.FromGuest;
import dev.upcall.proto.extension.Refusal;
import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.guest.Cpus;
import dev.upcall.proto.guest.Deadlines;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.guest.Safety;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.extended.ExtensionRules;
import dev.upcall.proto.session.extended.Extensions;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Pending;
import dev.upcall.proto.session.request.SendTerms;
import dev.upcall.proto.wire.ExtensionFrame;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.FrameLayout;
import dev.upcall.proto.wire.GuestFrame;
import dev.upcall.proto.wire.ReplyFrame;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A session played step by step: the test says what happens and reads what was ordered.
///
/// Time stands still until the test moves it. `ordered` holds the actions of the last step, `ended` all completions.
final class Play {

    static final MmioDevice DEVICE = MmioDevice.of(0xd0000000L, 0x1000, 6);
    static final Request ADD_MMIO = new Request.AddMmio(DEVICE);
    static final Request DEL_MMIO = new Request.DelMmio(DEVICE);
    static final Request ADD_PCI = new Request.AddPci(PciFunction.parse("00:03.0"));
    static final Request DEL_PCI = new Request.DelPci(PciFunction.parse("00:03.0"));

    /// Terms of a caller that wants lost replies recovered for a minute.
    static final SendTerms RECOVERING = new SendTerms(0, Duration.ofMinutes(1).toNanos(), false, false, false);

    static final Epoch CLIENT = new Epoch(0xc11e47);

    static final SendTerms FAIL_IF_BUSY = new SendTerms(0, 0, true, false, false);

    final List<Action> ordered = new ArrayList<>();
    final List<Action> ended = new ArrayList<>();
    private final Transitions transitions;
    Session session;
    long now;
    private int tickets;

    private Play(SessionRules rules, CpuPicture picture) {
        transitions = new Transitions(rules);
        session = Session.begin(picture);
    }

    static SessionRules rules(ReconnectPolicy policy, int queueMax) {
        return new SessionRules(true, Deadlines.DEFAULT, policy, Safety.of(GuestProfile.KATA_6_12), queueMax);
    }

    /// Rules of a session that asks for everything there is.
    static SessionRules asking(Extensions wanted) {
        return rules(ReconnectPolicy.DEFAULT, 4).withExtensions(ExtensionRules.of(wanted, CLIENT));
    }

    /// A hybrid session with a 6.12 guest that has CPUs 0 to 3; not started.
    static Play begun() {
        return begun(rules(ReconnectPolicy.DEFAULT, 4));
    }

    static Play begun(SessionRules rules) {
        return new Play(rules, Cpus.picture(0, 1, 2, 3));
    }

    static Play connected() {
        return begun().start().reach();
    }

    Play start() {
        return happens(new Event.Started());
    }

    /// From WaitingServer to Connected, at this very moment.
    Play reach() {
        assertThat(session.state()).isInstanceOf(State.WaitingServer.class);
        happens(new Event.TransportOpened(epoch()));
        happens(new Event.ServerAccepted(epoch()));
        happens(new Event.ServiceAnnounced(epoch(), connect()));
        return this;
    }

    Play happens(Event event) {
        ordered.clear();
        session = transitions.step(session, event, now, ordered);
        for (Action action : ordered) {
            if (action instanceof Action.Complete || action instanceof Action.CompleteLate) {
                ended.add(action);
            }
        }
        return this;
    }

    /// The clock moves and the driver reports it.
    Play passes(Duration time) {
        now += time.toNanos();
        return happens(new Event.TimePassed());
    }

    /// The clock moves and nobody has noticed yet.
    Play later(Duration time) {
        now += time.toNanos();
        return this;
    }

    Pending submits(Request request) {
        return submits(request, SendTerms.DEFAULT);
    }

    Pending submits(Request request, SendTerms terms) {
        return submits(request, terms, Duration.ofHours(1));
    }

    Pending submits(Request request, SendTerms terms, Duration wait) {
        Pending pending = new Pending("ticket " + ++tickets, request, terms, now + wait.toNanos());
        happens(new Event.RequestSubmitted(pending));
        return pending;
    }

    /// The guest answers what is out.
    Play answers(int result) {
        return happens(new Event.FrameArrived(epoch(), reply(out().wireRequest(), result)));
    }

    Play closes() {
        return happens(new Event.PeerClosed(epoch(), "end of stream"));
    }

    /// The number of the newest transport.
    long epoch() {
        return session.epoch();
    }

    /// The request that is out or overdue.
    Pending out() {
        return switch (session.state()) {
            case State.ServiceBusy s -> s.pending();
            case State.Overdue s -> s.pending();
            default -> throw new AssertionError("nothing is out in " + session.state());
        };
    }

    String state() {
        return session.state().label();
    }

    /// How this request ended; it has ended exactly once.
    Outcome outcome(Pending pending) {
        List<Outcome> outcomes = outcomes(pending);
        assertThat(outcomes).as("%s ends exactly once", pending.ticket()).hasSize(1);
        return outcomes.getFirst();
    }

    List<Outcome> outcomes(Pending pending) {
        return ended.stream()
                .filter(Action.Complete.class::isInstance)
                .map(Action.Complete.class::cast)
                .filter(done -> done.pending().ticket().equals(pending.ticket()))
                .map(Action.Complete::outcome)
                .toList();
    }

    /// What was told about this request after it had ended.
    List<Outcome> lateOutcomes(Pending pending) {
        return ended.stream()
                .filter(Action.CompleteLate.class::isInstance)
                .map(Action.CompleteLate.class::cast)
                .filter(late -> late.pending().ticket().equals(pending.ticket()))
                .map(Action.CompleteLate::outcome)
                .toList();
    }

    Outcome.NotSentCause notSent(Pending pending) {
        return ((Outcome.NotSent) outcome(pending)).cause();
    }

    Outcome.UnknownCause unknown(Pending pending) {
        return ((Outcome.Unknown) outcome(pending)).cause();
    }

    /// The requests ordered onto the wire by the last step.
    List<Request> transmitted() {
        return ordered.stream()
                .filter(Action.Transmit.class::isInstance)
                .map(action -> ((Action.Transmit) action).request())
                .toList();
    }

    Trouble trouble() {
        return switch (session.state()) {
            case State.Reconnecting s -> s.trouble();
            case State.GivenUp s -> s.trouble();
            default -> throw new AssertionError("no trouble in " + session.state());
        };
    }

    static Request addCpu(int id) {
        return new Request.AddCpu(Cpus.ids(id));
    }

    static Request delCpu(int id) {
        return new Request.DelCpu(Cpus.ids(id));
    }

    /// What a stock kernel says to HANDSHAKE: −1, no load.
    static ExtensionFrame stockAnswer() {
        return extension(new Refusal(ExtensionType.HANDSHAKE, -1));
    }

    static ExtensionFrame extension(FromGuest message) {
        return (ExtensionFrame) GuestFrame.read(ByteBuffer.wrap(ExtensionWriter.toBytes(message)), 0);
    }

    static ReplyFrame connect() {
        return frame(0, 0, 0, 0);
    }

    static ReplyFrame reply(Request request, int result) {
        boolean counted = result == 0 && request.operation().isCpu();
        return frame(request.operation().msgType(), counted ? 4 : 0, result, counted ? 1 : 0);
    }

    static ReplyFrame frame(int type, int size, int result, int word) {
        return new ReplyFrame(new FrameHeader(FrameLayout.MAGIC, size, type, 0), result, word);
    }
}
