package dev.upcall.proto.hotplug;

import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.guest.Safety;
import dev.upcall.proto.guest.Verdict;
import dev.upcall.proto.message.Request;
import java.util.ArrayList;
import java.util.List;

/// Steps to be carried out in order.
public record Plan(List<PlanStep> steps) {

    /// A guest has at most 255 CPUs and a handful of devices: a plan longer than this is a mistake.
    public static final int STEPS_MAX = 1000;

    public Plan {
        steps = List.copyOf(steps);
        if (steps.isEmpty()) {
            throw new IllegalArgumentException("a plan must have at least one step");
        }
        if (steps.size() > STEPS_MAX) {
            throw new IllegalArgumentException("a plan must have at most " + STEPS_MAX + " steps: " + steps.size());
        }
    }

    public static Plan of(PlanStep... steps) {
        return new Plan(List.of(steps));
    }

    /// Whether any step is about CPUs: what it becomes depends on those the guest has.
    public boolean isOfCpus() {
        return steps.stream().anyMatch(step -> switch (step) {
            case PlanStep.AddCpus _, PlanStep.SetCpus _ -> true;
            case PlanStep.Ask ask -> ask.request().operation().isCpu();
        });
    }

    /// One request of a dry run.
    ///
    /// @param step what it belongs to
    /// @param request what would be sent
    /// @param verdict whether it may be, if everything before it succeeds
    public record Preview(PlanStep step, Request request, Verdict verdict) {}

    /// What the plan would send if the guest did everything, and what would be held back. Sends nothing.
    public List<Preview> preview(Safety safety, CpuPicture picture) {
        List<Preview> all = new ArrayList<>();
        CpuPicture at = picture;
        for (PlanStep step : steps) {
            for (Request request : Expansion.of(step, safety.profile(), at)) {
                Verdict verdict = safety.judge(request, at);
                all.add(new Preview(step, request, verdict));
                if (verdict instanceof Verdict.Unsafe) {
                    return List.copyOf(all); // the run would end here
                }
                at = at.afterAnswer(request, 0);
            }
        }
        return List.copyOf(all);
    }
}
