package dev.upcall.e2e.simulation;

import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Pending;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Every request of a run, held against what the guest really did.
final class Ledger {

    private final List<Asked> all = new ArrayList<>();
    private final Coverage coverage;

    Ledger(Coverage coverage) {
        this.coverage = coverage;
    }

    void asked(Asked asked) {
        all.add(asked);
    }

    List<Asked> all() {
        return all;
    }

    /// A request leaves.
    void sent(Pending pending, long now) {
        Asked asked = of(pending);
        if (asked.ended != null) {
            throw new Broken(asked + " leaves although it has ended as " + asked.ended);
        }
        if (asked.sent == 0 && now >= asked.sendBy) {
            throw new Broken(asked + " leaves at " + now + " although its time was over at " + asked.sendBy);
        }
        asked.sent++;
    }

    /// A request ends.
    ///
    /// @param truth what the guest did last on the connection that is live, if it did anything
    void ended(Pending pending, Outcome outcome, @Nullable Truth truth) {
        Asked asked = of(pending);
        if (asked.ended != null) {
            throw new Broken(asked + " ends as " + outcome + " although it has ended as " + asked.ended);
        }
        asked.ended = outcome;
        coverage.outcome(outcome);
        hold(asked, outcome, truth);
        switch (outcome) {
            case Outcome.NotSent _, Outcome.Unsafe _ -> {
                if (asked.sent != 0) {
                    throw new Broken(asked + " ends as " + outcome + " but had left");
                }
            }
            case Outcome.GuestRestarted _, Outcome.NotDone _ ->
                throw new Broken(asked + " ends as " + outcome + ", which a stock guest cannot tell");
            case Outcome.Done _, Outcome.Absent _, Outcome.Refused _, Outcome.Unknown _, Outcome.Misbehaved _ -> {
                if (asked.sent == 0) {
                    throw new Broken(asked + " ends as " + outcome + " but never left");
                }
            }
        }
    }

    /// The late answer to a request that had ended.
    void endedLate(Pending pending, Outcome outcome, @Nullable Truth truth) {
        Asked asked = of(pending);
        if (asked.late != null) {
            throw new Broken(asked + " is answered late twice: " + asked.late + ", " + outcome);
        }
        if (!(asked.ended instanceof Outcome.Unknown u) || u.cause() != Outcome.UnknownCause.REPLY_DEADLINE) {
            throw new Broken(asked + " is answered late as " + outcome + " but had ended as " + asked.ended);
        }
        asked.late = outcome;
        coverage.late(outcome);
        hold(asked, outcome, truth);
    }

    /// The requests that have not ended.
    List<Asked> open() {
        return all.stream().filter(asked -> asked.ended == null).toList();
    }

    /// What is said to have happened has happened.
    private static void hold(Asked asked, Outcome outcome, @Nullable Truth truth) {
        boolean holds = switch (outcome) {
            case Outcome.Done _ -> truth != null && truth.isOf(asked.request) && truth.result() == 0 && truth.holds();
            case Outcome.Absent _ -> truth != null && (truth.result() == 0 || truth.result() == -19) && truth.holds();
            case Outcome.Refused r -> truth != null && truth.result() == r.result();
            case Outcome.GuestRestarted _, Outcome.NotDone _ -> false;
            case Outcome.Unknown _, Outcome.NotSent _, Outcome.Unsafe _, Outcome.Misbehaved _ -> true;
        };
        if (!holds) {
            throw new Broken(asked + " " + asked.request + " ends as " + outcome + " but in truth: " + truth);
        }
    }

    private static Asked of(Pending pending) {
        return (Asked) pending.ticket();
    }
}
