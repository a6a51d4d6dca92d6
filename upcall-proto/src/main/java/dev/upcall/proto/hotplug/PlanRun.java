package dev.upcall.proto.hotplug;

import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.request.Outcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One run of a plan: which request comes next, given how those before it ended.
///
/// ```
/// forward ──outcome not reached──▶ undoing (reverse order) ──▶ finished
///    └────────────── all steps done ──────────────────────────▶ finished
/// ```
///
/// Pure and deterministic; not thread-safe. The driver's loop: [#next], submit, [#ended], until `next` is empty.
public final class PlanRun {

    private final GuestProfile profile;
    private final ArrayDeque<PlanStep> stepsLeft;
    private final ArrayDeque<Request> requestsLeft = new ArrayDeque<>();
    private final ArrayDeque<Made> done = new ArrayDeque<>();
    private final List<PlanReport.Entry> entries = new ArrayList<>();
    private final boolean undoOnFailure;
    private @Nullable PlanStep step;
    private int stepNumber;
    private @Nullable Made out;
    private boolean undoing;

    private record Made(PlanStep step, int stepNumber, Request request) {}

    /// @param undoOnFailure whether to take back what was done when a request fails
    public PlanRun(Plan plan, GuestProfile profile, boolean undoOnFailure) {
        this.profile = profile;
        this.stepsLeft = new ArrayDeque<>(plan.steps());
        this.undoOnFailure = undoOnFailure;
    }

    /// The request to submit now; empty when the run has ended.
    ///
    /// @param picture the guest's CPUs as they are known now
    /// @throws IllegalArgumentException when a step cannot be expanded (no APIC ids left); nothing was sent for it
    public Optional<Request> next(CpuPicture picture) {
        if (out != null) {
            throw new IllegalStateException(out.request() + " has not ended");
        }
        return undoing ? nextUndo() : nextForward(picture);
    }

    /// Reports how the request that [#next] returned ended.
    public void ended(Outcome outcome) {
        Made made = out;
        if (made == null) {
            throw new IllegalStateException("no request is out");
        }
        out = null;
        entries.add(new PlanReport.Entry(made.step(), made.stepNumber(), made.request(), outcome, undoing));
        if (undoing) {
            return;
        }
        if (outcome instanceof Outcome.Done) {
            done.push(made); // Absent is reached too, but not by us: nothing to take back
        }
        if (!PlanReport.reached(outcome)) {
            undoing = true;
            if (!undoOnFailure) {
                done.clear();
            }
        }
    }

    public PlanReport report() {
        return new PlanReport(entries);
    }

    private Optional<Request> nextForward(CpuPicture picture) {
        while (requestsLeft.isEmpty()) {
            step = stepsLeft.poll();
            if (step == null) {
                return Optional.empty();
            }
            stepNumber++;
            requestsLeft.addAll(Expansion.of(step, profile, picture));
        }
        PlanStep current = step;
        if (current == null) {
            throw new IllegalStateException("a request without a step");
        }
        return Optional.of(made(new Made(current, stepNumber, requestsLeft.remove())));
    }

    private Optional<Request> nextUndo() {
        Made last = done.poll();
        return last == null
                ? Optional.empty()
                : Optional.of(made(new Made(last.step(), last.stepNumber(), Expansion.opposite(last.request()))));
    }

    private Request made(Made made) {
        out = made;
        return made.request();
    }
}
