package dev.upcall.e2e.simulation;

import static dev.upcall.e2e.simulation.Weather.MILLI;
import static dev.upcall.e2e.simulation.Weather.SECOND;

import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.ExtensionWriter;
import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.guest.Deadlines;
import dev.upcall.proto.guest.Safety;
import dev.upcall.proto.hybrid.ConnectLine;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.Action;
import dev.upcall.proto.session.Event;
import dev.upcall.proto.session.ReconnectPolicy;
import dev.upcall.proto.session.Session;
import dev.upcall.proto.session.SessionRules;
import dev.upcall.proto.session.State;
import dev.upcall.proto.session.Transitions;
import dev.upcall.proto.session.extended.ExtensionRules;
import dev.upcall.proto.session.extended.Extensions;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Pending;
import dev.upcall.proto.session.request.SendTerms;
import dev.upcall.stub.machine.MachineConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// One run: a session, its driver, an embedder, a wire and a guest in virtual time, first in a storm, then in a calm.
///
/// It drives the session as a real driver does: one event at a time, all its actions at once, a timer for the next
/// deadline. After each step the [Invariants] are checked. Not thread-safe; runs share nothing.
final class Simulation {

    private static final byte[] SERVICE_BYTE = {0x64};

    /// Longer than everything a session may wait for after the last fault.
    private static final long CALM_MAX = 3_600 * SECOND;

    /// Little can happen to a closed session.
    private static final int STEPS_AFTER_THE_END = 10;

    private static final int CALM_STEPS_MAX = 100_000;

    final SplittableRandom random;
    final Weather weather;
    final Agenda agenda = new Agenda();
    final Trail trail = new Trail();
    final Coverage coverage = new Coverage();
    final Ledger ledger = new Ledger(coverage);
    final GuestSide guest;
    final Embedder embedder;
    final Planner planner;
    long now;
    long guestUpAt;
    long epochs;
    boolean calm;
    boolean fileMissing;

    @Nullable
    Wire wire;

    private final Storm storm;
    private final Invariants invariants;
    private final Transitions transitions;
    private Session session;
    private final List<Action> actions = new ArrayList<>();
    private long timerLate;
    private int steps;

    Simulation(long seed) {
        random = new SplittableRandom(seed);
        weather = Weather.of(random);
        guest = new GuestSide(config(weather, random), weather.mistaken(), coverage);
        embedder = new Embedder(this);
        planner = new Planner(this);
        storm = new Storm(this);
        invariants = new Invariants(weather.queueMax());
        transitions = new Transitions(new SessionRules(
                weather.hybrid(),
                Deadlines.DEFAULT,
                new ReconnectPolicy(weather.attemptsMax(), Duration.ofMillis(1), Duration.ofSeconds(1), seed),
                new Safety(weather.profile(), Set.of(Devices.VSOCK), Set.of()),
                weather.queueMax(),
                // These guests are stock ones; every other session asks all the same.
                ExtensionRules.of(seed % 2 == 0 ? Extensions.AUTO : Extensions.OFF, new Epoch(1 + Math.abs(seed)))));
        session = Session.begin(guest.picture());
    }

    /// Runs to the end.
    ///
    /// @throws Broken when an invariant does not hold
    void run() {
        agenda.at(random.nextInt(8) == 0 ? around(10 * weather.pace()) : 0, () -> happens(new Event.Started()));
        agenda.at(around(weather.pace()), embedder::live);
        agenda.at(around(weather.gloom()), storm::blow);
        agenda.at(around(4 * weather.pace()), planner::live);
        int end = weather.steps();
        while (steps < end) {
            moveOn();
            if (session.state() instanceof State.Closed) {
                end = Math.min(end, steps + STEPS_AFTER_THE_END);
            }
        }
        becomeCalm();
    }

    // ------------------------------------------------------------------ time

    private void moveOn() {
        steps++;
        long timer = session.nextDeadline() == Long.MAX_VALUE
                ? Long.MAX_VALUE
                : Math.max(now, session.nextDeadline() + timerLate);
        long next = Math.min(Math.min(agenda.next(), guest.wakeAt()), timer);
        if (next == Long.MAX_VALUE) {
            throw new Broken(session.state() + " and nothing will ever happen");
        }
        now = Math.max(now, next);
        if (guest.wakeAt() <= now) {
            guest.advance(now);
        } else if (agenda.next() <= now) {
            agenda.runNext();
        } else {
            timerLate = weather.lateTimers() == 0 ? 0 : random.nextLong(weather.lateTimers());
            happens(new Event.TimePassed());
        }
    }

    private void becomeCalm() {
        calm = true;
        guestUpAt = Math.min(guestUpAt, now);
        guest.live().vmm().addPci(List.of(Devices.DISK));
        guest.heal(now);
        if (session.state() instanceof State.Init) {
            happens(new Event.Started());
        }
        storm.fileAppears();
        rest("came to no rest after the faults");
        if (session.state() instanceof State.GivenUp && !mayHaveGivenUp()) {
            throw new Broken("gave up although it never should");
        }
        if (session.state() instanceof State.Connected) {
            proveThatTheGuestAnswers();
        }
        happens(new Event.CloseAsked());
        if (session.nextDeadline() != Long.MAX_VALUE || wire != null) {
            throw new Broken("closed, but " + session + (wire == null ? " without" : " with") + " a wire");
        }
    }

    /// A crashed connection looks like a living one until it is asked, so the first answers may be missing.
    private void proveThatTheGuestAnswers() {
        for (int attempt = 0; attempt < 3; attempt++) {
            Asked probe = embedder.ask(new Request.AddPci(Devices.DISK), SendTerms.DEFAULT);
            rest("came to no rest after a last request");
            if (probe.ended instanceof Outcome.Done || mayHaveGivenUp()) {
                return;
            }
        }
        throw new Broken("the guest is well and does not answer");
    }

    private boolean mayHaveGivenUp() {
        return session.state() instanceof State.GivenUp && weather.attemptsMax() < Integer.MAX_VALUE;
    }

    private void rest(String complaint) {
        long start = now;
        int first = steps;
        while (!atRest()) {
            if (now - start > CALM_MAX || steps - first > CALM_STEPS_MAX) {
                throw new Broken(complaint + ": " + session.state() + ", open: " + ledger.open());
            }
            moveOn();
            if (guest.live().wireCut()) {
                guest.heal(now); // the last reckless request was still on its way
            }
        }
    }

    private boolean atRest() {
        return switch (session.state()) {
            case State.Connected _, State.Closed _, State.GivenUp _ ->
                session.queueLength() == 0 && ledger.open().isEmpty();
            case State.Init _,
                    State.WaitingServer _,
                    State.WaitingService _,
                    State.Opening _,
                    State.ServiceBusy _,
                    State.Overdue _,
                    State.Reconnecting _ -> false;
        };
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

    CpuPicture picture() {
        return session.picture();
    }

    int queueLength() {
        return session.queueLength();
    }

    /// Somewhere around so many nanoseconds, rarely far away.
    long around(long mean) {
        return (long) (-Math.log(1 - random.nextDouble()) * mean);
    }

    long latency() {
        return calm ? weather.latency() : around(weather.latency());
    }

    /// From a tenth of a second to two minutes.
    long longWhile() {
        return (long) (100 * MILLI * Math.pow(1_200, random.nextDouble()));
    }

    // ------------------------------------------------------------------ the driver

    void happens(Event event) {
        if (event instanceof Event.FrameArrived frame && wire != null && wire.epoch == frame.epoch()) {
            wire.out = null;
        }
        Session before = session;
        coverage.visited(before.state(), event);
        actions.clear();
        session = transitions.step(before, event, now, actions);
        trail.step(now, before, event, actions, session);
        for (Action action : List.copyOf(actions)) {
            perform(action);
        }
        invariants.check(before, event, session, wire != null, wire == null ? null : wire.out, now);
    }

    private void perform(Action action) {
        switch (action) {
            case Action.OpenTransport open -> {
                if (wire != null || open.epoch() <= epochs) {
                    throw new Broken(open + " while " + (wire == null ? epochs : wire.epoch) + " was the last one");
                }
                epochs = open.epoch();
                wire = new Wire(open.epoch(), this);
                wire.dial();
            }
            case Action.DropTransport drop -> {
                live(drop.epoch(), drop).dropped();
                wire = null;
            }
            case Action.SendConnectLine send ->
                live(send.epoch(), send).sendLine(ConnectLine.bytes(ConnectLine.UPCALL_PORT));
            case Action.Send send -> live(send.epoch(), send).send(ExtensionWriter.toBytes(send.message()));
            case Action.TransmitOnce send -> throw new Broken(send + " to a stock guest");
            case Action.Tell _ -> {} // a stock guest has little to tell
            case Action.AnswerWish end -> throw new Broken(end + " although nothing was wished");
            case Action.SendServiceByte send -> live(send.epoch(), send).send(SERVICE_BYTE);
            case Action.Transmit send -> transmit(live(send.epoch(), send), send.request());
            case Action.Complete end -> ledger.ended(end.pending(), end.outcome(), truth());
            case Action.CompleteLate end -> ledger.endedLate(end.pending(), end.outcome(), truth());
        }
    }

    private void transmit(Wire on, Request request) {
        if (!(session.state() instanceof State.ServiceBusy busy)) {
            throw new Broken(request + " leaves in " + session.state());
        }
        Pending pending = busy.pending();
        if (pending.terms().sendUnsafe()) {
            guest.excuse();
        }
        ledger.sent(pending, now);
        on.transmit(request);
    }

    /// Orders are for the live transport only.
    private Wire live(long epoch, Action action) {
        if (wire == null || wire.epoch != epoch) {
            throw new Broken(action + " while " + (wire == null ? "none" : wire.epoch) + " is live");
        }
        return wire;
    }

    private @Nullable Truth truth() {
        return wire == null ? null : wire.truth;
    }

    private static MachineConfig config(Weather weather, SplittableRandom random) {
        List<Integer> ids = IntStream.range(0, weather.possible()).boxed().toList();
        List<Integer> vcpus =
                ids.stream().filter(id -> id == 0 || random.nextInt(4) != 0).toList();
        List<Integer> booted = ids.subList(0, 1 + random.nextInt(weather.possible()));
        return MachineConfig.of(weather.profile(), weather.possible())
                .withVcpus(vcpus)
                .withBootCpus(booted)
                .withPci(List.of(Devices.VSOCK, Devices.DISK), Optional.of(Devices.VSOCK))
                .withMmioDevices(List.of(MmioDevice.of(0xd0005000L, 0x1000, 9)));
    }
}
