package dev.upcall.proto.hotplug;

import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.request.Outcome;
import java.util.List;
import java.util.Optional;

/// What a run of a plan did, honestly.
///
/// @param entries every request that was made, in order, the undoing ones last
public record PlanReport(List<Entry> entries) {

    public PlanReport {
        entries = List.copyOf(entries);
    }

    /// One request and how it ended.
    ///
    /// @param step the step it belongs to
    /// @param stepNumber its place in the plan, from 1
    /// @param undo true when it takes an earlier request back
    public record Entry(PlanStep step, int stepNumber, Request request, Outcome outcome, boolean undo) {}

    /// The request that ended the run; empty when all was done.
    public Optional<Entry> failure() {
        return entries.stream().filter(e -> !e.undo() && !reached(e.outcome())).findFirst();
    }

    public boolean succeeded() {
        return failure().isEmpty();
    }

    /// What was taken back after the failure.
    public List<Entry> undone() {
        return entries.stream().filter(e -> e.undo() && reached(e.outcome())).toList();
    }

    /// What could not be taken back, and why.
    public List<Entry> notUndone() {
        return entries.stream().filter(e -> e.undo() && !reached(e.outcome())).toList();
    }

    /// True when the outcome is what the request wanted: done, or for a removal that it is absent now.
    static boolean reached(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Done _, Outcome.Absent _ -> true;
            case Outcome.Refused _,
                    Outcome.Unknown _,
                    Outcome.GuestRestarted _,
                    Outcome.NotDone _,
                    Outcome.NotSent _,
                    Outcome.Unsafe _,
                    Outcome.Misbehaved _ -> false;
        };
    }
}
