package dev.upcall.e2e.simulation.extended;

import dev.upcall.e2e.simulation.Broken;
import dev.upcall.e2e.simulation.Devices;
import dev.upcall.e2e.simulation.Invariants;
import dev.upcall.proto.extension.Decoded;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventAck;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.ExecuteOnce;
import dev.upcall.proto.extension.ExtensionReader;
import dev.upcall.proto.extension.ExtensionRequest;
import dev.upcall.proto.extension.ExtensionWriter;
import dev.upcall.proto.extension.FromGuest;
import dev.upcall.proto.extension.FromHost;
import dev.upcall.proto.extension.Handshake;
import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.guest.Deadlines;
import dev.upcall.proto.guest.Safety;
import dev.upcall.proto.hybrid.ConnectLine;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.message.RequestWriter;
import dev.upcall.proto.session.Action;
import dev.upcall.proto.session.Event;
import dev.upcall.proto.session.ReconnectPolicy;
import dev.upcall.proto.session.Session;
import dev.upcall.proto.session.SessionRules;
import dev.upcall.proto.session.State;
import dev.upcall.proto.session.Transitions;
import dev.upcall.proto.session.extended.ExtensionRules;
import dev.upcall.proto.session.request.Pending;
import dev.upcall.proto.wire.ExtensionFrame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One client: a session with its driver, and all that it has promised so far.
final class Host {

    private static final byte[] SERVICE_BYTE = {0x64};

    final ExtendedSimulation world;
    final int number;
    final Epoch epoch;
    final Promises promises;
    final Listener listener;
    final Letters letters;
    final Caller caller;
    final Absence absence = new Absence();
    Session session;
    long timerLate;

    @Nullable
    ExtendedWire wire;

    /// What the guest says in the step that is made now; null for everything else.
    @Nullable
    FromGuest hearing;

    private final Transitions transitions;
    private final Invariants invariants;
    private final List<Action> actions = new ArrayList<>();
    private long wires;

    Host(ExtendedSimulation world, int number, Epoch epoch) {
        this.world = world;
        this.number = number;
        this.epoch = epoch;
        Climate climate = world.climate;
        transitions = new Transitions(new SessionRules(
                climate.hybrid(),
                Deadlines.DEFAULT,
                new ReconnectPolicy(climate.attemptsMax(), Duration.ofMillis(1), Duration.ofSeconds(1), epoch.value()),
                new Safety(climate.profile(), Set.of(Devices.VSOCK), Set.of()),
                climate.queueMax(),
                ExtensionRules.of(climate.wanted(), epoch)
                        .withOffered(climate.offered())
                        .withLiveness(climate.liveness())
                        .withRemoval(climate.removal())));
        invariants = new Invariants(climate.queueMax());
        promises = new Promises(this);
        listener = new Listener(this);
        letters = new Letters(this);
        caller = new Caller(this);
        session = Session.begin(world.guest.picture());
    }

    boolean isOpened() {
        return session.extended() != null && session.extended().opened() != null;
    }

    boolean isConnected() {
        return switch (session.state()) {
            case State.Connected _, State.ServiceBusy _, State.Overdue _ -> true;
            case State.Init _,
                    State.WaitingServer _,
                    State.WaitingService _,
                    State.Opening _,
                    State.Reconnecting _,
                    State.GivenUp _,
                    State.Closed _ -> false;
        };
    }

    boolean isOver() {
        return session.state() instanceof State.Closed || session.state() instanceof State.GivenUp;
    }

    CpuPicture picture() {
        return session.picture();
    }

    long wires() {
        return wires;
    }

    long nextDeadline() {
        return session.nextDeadline() == Long.MAX_VALUE
                ? Long.MAX_VALUE
                : Math.max(world.now, session.nextDeadline() + timerLate);
    }

    // ------------------------------------------------------------------ the driver

    void happens(Event event) {
        hearing = heard(event);
        Session before = session;
        world.tally.step(before.state(), event);
        actions.clear();
        session = transitions.step(before, event, world.now, actions);
        world.trail.step(world.now, "host " + number + ": ", before, event, actions, session);
        for (Action action : List.copyOf(actions)) {
            perform(action);
        }
        hearing = null;
        invariants.check(before, event, session, wire != null, wire == null ? null : wire.operation, world.now);
        listener.check();
    }

    /// An answer frees the wire.
    private @Nullable FromGuest heard(Event event) {
        if (event instanceof Event.FrameArrived e && isLive(e.epoch())) {
            live().answered();
        }
        if (!(event instanceof Event.ExtensionArrived e) || !isLive(e.epoch())) {
            return null;
        }
        ExtensionFrame frame = e.frame();
        FromGuest message =
                ExtensionReader.fromGuest(frame) instanceof Decoded.Message<FromGuest>(FromGuest m) ? m : null;
        if (message != null && !frame.notification()) {
            live().answered();
        }
        return message;
    }

    private void perform(Action action) {
        switch (action) {
            case Action.OpenTransport open -> {
                if (wire != null || open.epoch() <= wires) {
                    throw new Broken(open + " while " + (wire == null ? wires : wire.number) + " was the last one");
                }
                wires = open.epoch();
                wire = new ExtendedWire(open.epoch(), this);
                wire.dial();
            }
            case Action.DropTransport drop -> {
                live(drop.epoch(), drop).dropped();
                promises.dropped(live());
                wire = null;
            }
            case Action.SendConnectLine send ->
                live(send.epoch(), send).send(ConnectLine.bytes(ConnectLine.UPCALL_PORT));
            case Action.SendServiceByte send -> live(send.epoch(), send).send(SERVICE_BYTE);
            case Action.Send send -> send(live(send.epoch(), send), send.message());
            case Action.Transmit send -> transmit(live(send.epoch(), send), send.request(), null);
            case Action.TransmitOnce send -> transmit(live(send.epoch(), send), send.request(), send.once());
            case Action.Tell tell -> listener.told(tell.news());
            case Action.AnswerWish end -> letters.answered(end.ticket(), end.answer());
            case Action.Complete end -> promises.ended(end.pending(), end.outcome());
            case Action.CompleteLate end -> promises.endedLate(end.pending(), end.outcome());
        }
    }

    private void send(ExtendedWire on, FromHost message) {
        switch (message) {
            case ExtensionRequest request -> {
                on.asks(request, false);
                world.tally.saw("asked " + request.type() + (request instanceof Handshake.Probe ? " PROBE" : ""));
            }
            case EventAck ack -> listener.acknowledges(ack);
            case EventNotify event -> letters.leaves(event);
        }
        on.sendFrame(ExtensionWriter.toBytes(message), null);
    }

    private void transmit(ExtendedWire on, Request request, @Nullable ExecuteOnce once) {
        if (!(session.state() instanceof State.ServiceBusy busy)) {
            throw new Broken(request + " leaves in " + session.state());
        }
        Pending pending = busy.pending();
        promises.sent(pending, request, once, on);
        if (once == null) {
            if (pending.terms().sendUnsafe()) {
                world.guest.excuse();
            }
            on.asks(request, true);
            on.sendFrame(RequestWriter.toBytes(request), request);
        } else {
            on.asks(once, true);
            on.sendFrame(ExtensionWriter.toBytes(once), null);
        }
    }

    private boolean isLive(long epochOfWire) {
        return wire != null && wire.number == epochOfWire;
    }

    private ExtendedWire live() {
        if (wire == null) {
            throw new Broken("no wire");
        }
        return wire;
    }

    /// Orders are for the live transport only.
    private ExtendedWire live(long epochOfWire, Action action) {
        if (wire == null || wire.number != epochOfWire) {
            throw new Broken(action + " while " + (wire == null ? "none" : wire.number) + " is live");
        }
        return wire;
    }
}
