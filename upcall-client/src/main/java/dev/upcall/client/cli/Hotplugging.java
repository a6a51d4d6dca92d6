package dev.upcall.client.cli;

import dev.upcall.proto.guest.Verdict;
import dev.upcall.proto.hotplug.Plan;
import dev.upcall.proto.hotplug.PlanStep;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.request.Outcome;
import java.util.List;

/// What all commands that change the guest do: hold it against the rules before anything is dialled, connect, carry
/// it out, print.
final class Hotplugging {
    private final Program program;
    private final GuestSettings settings;

    Hotplugging(Program program, GuestSettings settings) {
        this.program = program;
        this.settings = settings;
    }

    /// @param batch as one request; else CPUs one by one, without undo
    int run(Request request, boolean batch) throws Failure {
        if (!batch) {
            return run(Plan.of(new PlanStep.Ask(request)), false);
        }
        settings.requireTarget();
        if (!settings.forceUnsafe()) {
            refuseIfUnsafe(request, settings.safety().judge(request, settings.picture()));
        }
        try (Guest guest = Guest.connect(program, settings)) {
            guest.ask(request);
        }
        return ExitCode.DONE.code();
    }

    /// @param undo whether what was done is taken back when a request fails
    int run(Plan plan, boolean undo) throws Failure {
        settings.requireTarget();
        List<Plan.Preview> preview = preview(plan);
        if (!settings.forceUnsafe()) {
            for (Plan.Preview each : preview) {
                refuseIfUnsafe(each.request(), each.verdict());
            }
        }
        try (Guest guest = Guest.connect(program, settings)) {
            guest.carryOut(plan, undo);
        }
        return ExitCode.DONE.code();
    }

    /// What the plan would send if the guest did everything.
    List<Plan.Preview> preview(Plan plan) throws Failure {
        try {
            return plan.preview(settings.safety(), settings.picture());
        } catch (IllegalArgumentException e) {
            throw Failure.usage(String.valueOf(e.getMessage()));
        }
    }

    static void refuseIfUnsafe(Request request, Verdict verdict) throws Failure {
        if (verdict instanceof Verdict.Unsafe unsafe) {
            Failure failure = Answers.unsafe(new Outcome.Unsafe(unsafe.hazard(), unsafe.why()));
            Answers.fields(request).forEach(failure::with);
            throw failure.with("outcome", "UNSAFE");
        }
    }
}
