package dev.upcall.client.cli;

import dev.upcall.proto.guest.CpuModel;
import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.guest.Hazard;
import dev.upcall.proto.guest.Verdict;
import dev.upcall.proto.hotplug.Plan;
import dev.upcall.proto.hotplug.PlanStep;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.extended.Extensions;
import dev.upcall.proto.session.request.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/// What all commands that change the guest do: hold it against the rules, connect, carry it out, print.
///
/// A change of CPUs is held against the CPUs the guest has:
///
/// | `--present` | the guest              | which CPUs it has  | what would harm it is refused               |
/// |-------------|------------------------|--------------------|---------------------------------------------|
/// | given       | any                    | as given           | before anything is dialled                  |
/// | not given   | `--extensions off`     | the boot CPU alone | before anything is dialled                  |
/// | not given   | a stock one            | the boot CPU alone | after the handshake, and nothing was sent   |
/// | not given   | has an inventory       | what that shows    | after the inventory, and nothing was sent   |
/// | not given   | has EXACTLY_ONCE too   | what that shows    | by the guest, which nothing of this harms   |
///
/// What else would harm the guest is refused before anything is dialled.
final class Hotplugging {
    private final Program program;
    private final GuestSettings settings;

    Hotplugging(Program program, GuestSettings settings) {
        this.program = program;
        this.settings = settings;
    }

    /// What a command wants changed.
    ///
    /// @param preview what would be sent to a guest with these CPUs
    private record Change(boolean ofCpus, Function<CpuPicture, List<Plan.Preview>> preview, Work work) {}

    @FunctionalInterface
    private interface Work {
        /// @param picture the CPUs the guest has, as far as is known
        /// @param told the guest said so itself
        void on(Guest guest, CpuPicture picture, boolean told) throws Failure;
    }

    /// @param batch as one request; else CPUs one by one, without undo
    int run(Request request, boolean batch) throws Failure {
        return batch
                ? runBatch(request.operation().isCpu(), _ -> request)
                : run(Plan.of(new PlanStep.Ask(request)), false);
    }

    /// As many CPUs more, those with the lowest ids that the guest does not have.
    int addCpus(int count, boolean batch) throws Failure {
        boolean counted = settings.profile().cpuModel() == CpuModel.COUNT;
        return batch
                ? runBatch(
                        true,
                        picture -> counted
                                ? new Request.AddCpuCount(count)
                                : new Request.AddCpu(picture.lowestAbsent(count)))
                : run(Plan.of(new PlanStep.AddCpus(count)), false);
    }

    /// @param undo whether what was done is taken back when a request fails
    int run(Plan plan, boolean undo) throws Failure {
        return run(new Change(plan.isOfCpus(), preview(plan), (guest, _, _) -> guest.carryOut(plan, undo)));
    }

    /// Where the guest has as many already nothing is sent.
    int setCpus(int wanted) throws Failure {
        Plan plan = Plan.of(new PlanStep.SetCpus(wanted));
        if (!asks(true) && has(wanted, settings.picture(), "by what --present says")) {
            return ExitCode.DONE.code();
        }
        return run(new Change(true, preview(plan), (guest, picture, told) -> {
            if (!has(wanted, picture, told ? "by its own inventory" : "as far as is known without --present")) {
                guest.carryOut(plan, true);
            }
        }));
    }

    private int runBatch(boolean ofCpus, Function<CpuPicture, Request> request) throws Failure {
        Function<CpuPicture, List<Plan.Preview>> preview = picture -> {
            Request whole = request.apply(picture);
            return List.of(new Plan.Preview(
                    new PlanStep.Ask(whole), whole, settings.safety().judge(whole, picture)));
        };
        return run(new Change(ofCpus, preview, (guest, picture, _) -> guest.ask(request.apply(picture))));
    }

    private int run(Change change) throws Failure {
        settings.requireTarget();
        CpuPicture said = settings.picture();
        boolean asks = asks(change.ofCpus());
        List<Plan.Preview> first = previewed(change.preview(), said);
        refuseIfUnsafe(first.stream().filter(each -> !asks || !dependsOnCpus(each)), "");
        try (Guest guest = Guest.connect(program, settings)) {
            Optional<CpuPicture> told = asks ? guest.ownPicture() : Optional.empty();
            if (told.isPresent() && !guest.survives()) {
                refuseIfUnsafe(previewed(change.preview(), told.get()).stream(), "");
            }
            if (asks && told.isEmpty()) {
                refuseIfUnsafe(first.stream(), ". This guest is a stock one and cannot say it: use --present");
            }
            change.work().on(guest, told.orElse(said), told.isPresent());
        }
        return ExitCode.DONE.code();
    }

    /// Whether the guest is asked for its CPUs, if it is one that can say.
    private boolean asks(boolean ofCpus) {
        return ofCpus && settings.present().isEmpty() && settings.extensions() != Extensions.OFF;
    }

    private static boolean dependsOnCpus(Plan.Preview each) {
        return each.request().operation().isCpu()
                && each.verdict() instanceof Verdict.Unsafe unsafe
                && unsafe.hazard() != Hazard.WRONG_ARCHITECTURE;
    }

    private boolean has(int wanted, CpuPicture picture, String how) throws Failure {
        settings.requireTarget();
        if (picture.present().size() != wanted) {
            return false;
        }
        program.printer()
                .print(Report.of("the guest has " + wanted + (wanted == 1 ? " CPU" : " CPUs") + " already, " + how
                                + "; nothing was sent")
                        .with("op", "SET_CPUS")
                        .with("count", wanted));
        return true;
    }

    /// What the plan would send if the guest did everything.
    List<Plan.Preview> dryRun(Plan plan) throws Failure {
        return previewed(preview(plan), settings.picture());
    }

    private Function<CpuPicture, List<Plan.Preview>> preview(Plan plan) {
        return picture -> plan.preview(settings.safety(), picture);
    }

    private static List<Plan.Preview> previewed(Function<CpuPicture, List<Plan.Preview>> preview, CpuPicture picture)
            throws Failure {
        try {
            return preview.apply(picture);
        } catch (IllegalArgumentException e) {
            throw Failure.usage(String.valueOf(e.getMessage()));
        }
    }

    private void refuseIfUnsafe(Stream<Plan.Preview> all, String hint) throws Failure {
        if (!settings.forceUnsafe()) {
            for (Plan.Preview each : all.toList()) {
                refuseIfUnsafe(each, hint);
            }
        }
    }

    /// @param hint follows the reason
    static void refuseIfUnsafe(Plan.Preview each, String hint) throws Failure {
        if (each.verdict() instanceof Verdict.Unsafe unsafe) {
            Failure failure = Answers.unsafe(new Outcome.Unsafe(unsafe.hazard(), unsafe.why() + hint));
            Answers.fields(each.request()).forEach(failure::with);
            throw failure.with("outcome", "UNSAFE");
        }
    }
}
