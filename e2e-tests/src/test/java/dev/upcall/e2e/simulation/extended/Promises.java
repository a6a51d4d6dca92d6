package dev.upcall.e2e.simulation.extended;

import dev.upcall.e2e.simulation.Broken;
import dev.upcall.proto.extension.ExecuteOnce;
import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.InventoryPage;
import dev.upcall.proto.extension.OnceReply;
import dev.upcall.proto.extension.Refusal;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Pending;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// Every request of a client, held against what the guest really did and really is.
///
/// | told                               | holds when                                              |
/// |------------------------------------|---------------------------------------------------------|
/// | Done, Refused by an answer         | carried out once, with just this result                 |
/// | Refused by the agent               | never begun                                             |
/// | Done, Absent, NotDone by inventory | the guest is so, nothing runs, and nothing begins later |
/// | GuestRestarted                     | the guest has booted since the request left             |
/// | Unknown                            | time is over, or nobody is left who could tell          |
/// | NotSent, Unsafe                    | it never left                                           |
final class Promises {

    private static final int ENODEV = -19;

    private final Host host;
    private final ExtendedSimulation world;
    private final List<Asked> all = new ArrayList<>();

    Promises(Host host) {
        this.host = host;
        this.world = host.world;
    }

    void asked(Asked asked) {
        all.add(asked);
    }

    List<Asked> all() {
        return all;
    }

    List<Asked> open() {
        return all.stream().filter(asked -> asked.ended == null).toList();
    }

    // ------------------------------------------------------------------ on the way

    /// @param once null for a plain request
    void sent(Pending pending, Request request, @Nullable ExecuteOnce once, ExtendedWire on) {
        Asked asked = of(pending);
        if (asked.ended != null) {
            throw new Broken(asked + " leaves although it has ended as " + asked.ended);
        }
        if (asked.sent == 0 && world.now >= asked.sendBy) {
            throw new Broken(asked + " leaves at " + world.now + ", its time was over at " + asked.sendBy);
        }
        if (once != null) {
            boolean again = asked.onceId != 0 && !asked.leftPlain;
            if (again && asked.onceId != once.requestId()) {
                throw new Broken(asked + " leaves under number " + once.requestId() + " and had " + asked.onceId);
            }
            if (again && on.life != null && !on.life.equals(asked.life)) {
                throw new Broken(asked + " is repeated to life " + on.life + " and had left for " + asked.life);
            }
            world.tally.saw(asked.onceId == 0 ? "sent once" : "sent again under its number");
            asked.onceId = once.requestId();
            world.guest.executions.sent(new Executions.Id(host.epoch, once.requestId()), request);
        } else {
            world.tally.saw("sent plain");
            asked.leftPlain = true;
        }
        if (asked.sent == 0) {
            asked.life = on.life;
            asked.boot = on.boot;
            asked.tablesLost = host.listener.tablesLost();
        }
        asked.sent++;
    }

    /// What was out on this wire is lost from now on.
    void dropped(ExtendedWire gone) {
        for (Asked asked : all) {
            if (asked.ended == null && asked.sent > 0 && asked.giveUpAt == Asked.NEVER) {
                asked.giveUpAt = world.now + asked.terms.recoverNanos();
            }
        }
    }

    // ------------------------------------------------------------------ the end

    void ended(Pending pending, Outcome outcome) {
        Asked asked = of(pending);
        if (asked.ended != null) {
            throw new Broken(asked + " ends as " + outcome + " although it has ended as " + asked.ended);
        }
        asked.ended = outcome;
        asked.endedAt = world.now;
        world.tally.outcome("ends ", outcome);
        boolean left = !(outcome instanceof Outcome.NotSent || outcome instanceof Outcome.Unsafe);
        if (left != (asked.sent > 0)) {
            throw new Broken(asked + " ends as " + outcome + (asked.sent > 0 ? " but had left" : " but never left"));
        }
        String wrong = wrong(asked, outcome);
        if (wrong != null) {
            throw new Broken(asked + " ends as " + outcome + " but " + wrong);
        }
    }

    void endedLate(Pending pending, Outcome outcome) {
        Asked asked = of(pending);
        if (asked.late != null) {
            throw new Broken(asked + " is answered late twice: " + asked.late + ", " + outcome);
        }
        if (!(asked.ended instanceof Outcome.Unknown u) || u.cause() != Outcome.UnknownCause.REPLY_DEADLINE) {
            throw new Broken(asked + " is answered late as " + outcome + " but had ended as " + asked.ended);
        }
        asked.late = outcome;
        world.tally.outcome("late ", outcome);
        String wrong = wrong(asked, outcome);
        if (wrong != null) {
            throw new Broken(asked + " is answered late as " + outcome + " but " + wrong);
        }
    }

    /// What came of all of them, at the end of a run.
    void audit() {
        for (Asked asked : all) {
            Executions.Execution one = execution(asked);
            boolean notDone = asked.ended instanceof Outcome.NotDone;
            if (notDone && one != null && one.begun > 0 && one.begunAt > asked.endedAt) {
                throw new Broken(asked + " was told as " + asked.ended + " and was begun later: " + one);
            }
        }
    }

    private @Nullable String wrong(Asked asked, Outcome outcome) {
        return switch (outcome) {
            case Outcome.NotSent _, Outcome.Unsafe _ -> null;
            case Outcome.Done d -> done(asked, d.word());
            case Outcome.Absent _ -> absent(asked);
            case Outcome.Refused r -> refused(asked, r.result());
            case Outcome.NotDone _ -> notDone(asked);
            case Outcome.GuestRestarted r -> restarted(asked, r.now());
            case Outcome.Unknown u -> unknown(asked, u.cause());
            case Outcome.Misbehaved _ ->
                host.wire == null || host.wire.mangled ? null : "nobody has tampered with the wire";
        };
    }

    private @Nullable String done(Asked asked, OptionalInt word) {
        ExtendedWire wire = host.wire;
        if (host.hearing instanceof OnceReply reply) {
            Executions.Execution one = execution(asked);
            boolean holds = one != null
                    && one.begun == 1
                    && one.result != null
                    && one.result == 0
                    && one.held
                    && reply.requestId() == asked.onceId
                    && reply.answer().word().equals(word);
            return holds ? null : "in truth: " + one;
        }
        if (host.hearing instanceof InventoryPage) {
            return asWanted(asked) && isSameBoot(asked) ? null : "the guest is not so, or has booted";
        }
        boolean plain = wire != null
                && wire.truth != null
                && wire.truth.isOf(asked.request)
                && wire.truth.result() == 0
                && wire.truth.holds();
        return plain ? null : "in truth: " + (wire == null ? null : wire.truth);
    }

    private @Nullable String absent(Asked asked) {
        ExtendedWire wire = host.wire;
        if (host.hearing instanceof InventoryPage) {
            return asWanted(asked) && isSameBoot(asked) ? null : "it is there, or the guest has booted";
        }
        if (host.hearing instanceof OnceReply) { // its first copy was a plain one
            Executions.Execution one = execution(asked);
            boolean holds = one != null
                    && one.begun == 1
                    && one.held
                    && one.result != null
                    && (one.result == 0 || one.result == ENODEV);
            return holds ? null : "in truth: " + one;
        }
        boolean plain = wire != null
                && wire.truth != null
                && (wire.truth.result() == 0 || wire.truth.result() == ENODEV)
                && wire.truth.holds();
        return plain ? null : "in truth: " + (wire == null ? null : wire.truth);
    }

    private @Nullable String refused(Asked asked, int result) {
        Executions.Execution one = execution(asked);
        if (host.hearing instanceof OnceReply) {
            boolean holds = one != null && one.begun == 1 && one.result != null && one.result == result;
            return holds ? null : "in truth: " + one;
        }
        if (host.hearing instanceof Refusal) {
            return one == null || one.begun == 0 ? null : "it was carried out: " + one;
        }
        ExtendedWire wire = host.wire;
        return wire != null && wire.truth != null && wire.truth.result() == result
                ? null
                : "in truth: " + (wire == null ? null : wire.truth);
    }

    private @Nullable String notDone(Asked asked) {
        ExtendedWire wire = host.wire;
        if (!(host.hearing instanceof InventoryPage) || wire == null || wire.inventoried == null) {
            return "nobody was asked";
        }
        if (!Shown.asBefore(asked.request, wire.inventoried)) {
            return "the guest shows it";
        }
        if (!isSameBoot(asked)) {
            return "the guest has booted since";
        }
        return wire.runningThen > 0 ? "something still ran" : null;
    }

    private @Nullable String restarted(Asked asked, Outcome.Now now) {
        ExtendedWire wire = host.wire;
        if (wire == null || wire.life == null || wire.boot == asked.boot) {
            return "the guest has not booted since";
        }
        if (now == Outcome.Now.NOT_KNOWN) {
            return host.hearing instanceof InventoryPage && !world.climate.agrees(Feature.INVENTORY)
                    ? "it was asked"
                    : null;
        }
        boolean holds = wire.inventoried != null
                && switch (now) {
                    case AS_WANTED -> Shown.asWanted(asked.request, wire.inventoried);
                    case AS_BEFORE -> Shown.asBefore(asked.request, wire.inventoried);
                    case IN_PART, NOT_KNOWN ->
                        !Shown.asWanted(asked.request, wire.inventoried)
                                && !Shown.asBefore(asked.request, wire.inventoried);
                };
        return holds ? null : "it is not so";
    }

    /// Whoever could still be told the truth must not be told that nobody knows.
    private @Nullable String unknown(Asked asked, Outcome.UnknownCause cause) {
        ExtendedWire wire = host.wire;
        boolean tellable = cause == Outcome.UnknownCause.CONNECTION_LOST
                && asked.onceId != 0
                && host.isConnected()
                && wire != null
                && wire.life != null
                && wire.life.equals(asked.life)
                && !host.listener.tableLostSince(asked)
                && world.now < asked.giveUpAt;
        return tellable ? "the guest that it left for is there, and could be asked until " + asked.giveUpAt : null;
    }

    private boolean isSameBoot(Asked asked) {
        return host.wire != null && host.wire.boot == asked.boot;
    }

    private boolean asWanted(Asked asked) {
        return host.wire != null
                && host.wire.inventoried != null
                && Shown.asWanted(asked.request, host.wire.inventoried);
    }

    private Executions.@Nullable Execution execution(Asked asked) {
        return asked.onceId == 0 ? null : world.guest.executions.of(new Executions.Id(host.epoch, asked.onceId));
    }

    private static Asked of(Pending pending) {
        return (Asked) pending.ticket();
    }
}
