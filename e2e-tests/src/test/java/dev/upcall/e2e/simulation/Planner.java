package dev.upcall.e2e.simulation;

import dev.upcall.proto.guest.CpuModel;
import dev.upcall.proto.hotplug.Plan;
import dev.upcall.proto.hotplug.PlanReport;
import dev.upcall.proto.hotplug.PlanRun;
import dev.upcall.proto.hotplug.PlanStep;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.SendTerms;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// A second user of the same session: one that carries out plans, beside whatever the [Embedder] wishes meanwhile.
///
/// What its requests did is held against the guest by the [Ledger], like anybody's. Here the run itself is held to its
/// word: it stops at the first request that is not reached, takes back exactly what was done, last first, and reports
/// every request it made with the outcome that request had.
final class Planner {

    private static final MmioDevice DEVICE = MmioDevice.of(0xd0010000L, 0x1000, 11);
    private static final PciFunction FUNCTION = new PciFunction(0, 4, 0);

    private final Simulation world;
    private final SplittableRandom random;
    private final List<Asked> made = new ArrayList<>();
    private boolean undo;
    private @Nullable PlanRun run;
    private @Nullable Asked out;
    int finished;

    Planner(Simulation world) {
        this.world = world;
        this.random = world.random;
    }

    /// Goes one request further, and comes again.
    void live() {
        if (world.calm) {
            return;
        }
        Asked asked = out;
        if (asked == null || asked.ended != null) {
            goOn(asked);
        }
        world.agenda.at(world.now + world.around(world.weather.pace()), this::live);
    }

    private void goOn(@Nullable Asked last) {
        PlanRun current = run;
        if (current == null) {
            undo = random.nextInt(4) != 0;
            current = new PlanRun(plan(), world.weather.profile(), undo);
            run = current;
            made.clear();
        } else if (last != null && last.ended != null) {
            current.ended(last.ended);
        }
        out = null;
        Optional<Request> next = current.next(world.picture());
        if (next.isPresent()) {
            Asked asked = world.embedder.ask(next.get(), SendTerms.DEFAULT);
            made.add(asked);
            out = asked;
        } else {
            run = null;
            finished++;
            hold(current.report().entries());
        }
    }

    private void hold(List<PlanReport.Entry> entries) {
        List<Request> toTakeBack = new ArrayList<>();
        boolean failed = false;
        for (int i = 0; i < entries.size(); i++) {
            PlanReport.Entry entry = entries.get(i);
            Asked asked = made.get(i);
            if (!asked.request.equals(entry.request()) || !entry.outcome().equals(asked.ended)) {
                throw new Broken("a plan reports " + entry + " of " + asked.request + ", which ended " + asked.ended);
            }
            if (entry.undo() != failed) {
                throw new Broken("a plan goes " + (failed ? "on after" : "back before") + " a failure: " + entry);
            }
            if (entry.undo()) {
                Request last = toTakeBack.removeLast();
                if (!takesBack(entry.request(), last)) {
                    throw new Broken("a plan takes back " + last + " by " + entry.request());
                }
            } else if (entry.outcome() instanceof Outcome.Done) {
                toTakeBack.add(entry.request());
            } else {
                failed = !(entry.outcome() instanceof Outcome.Absent);
            }
        }
        if (entries.size() != made.size() || (failed && undo && !toTakeBack.isEmpty())) {
            throw new Broken("a plan made " + made.size() + " requests, reports " + entries.size() + " and leaves "
                    + toTakeBack);
        }
    }

    private static boolean takesBack(Request undo, Request done) {
        return switch (done) {
            case Request.AddCpu r -> undo.equals(new Request.DelCpu(r.ids()));
            case Request.DelCpu r -> undo.equals(new Request.AddCpu(r.ids()));
            case Request.AddCpuCount r -> undo.equals(new Request.DelCpuCount(r.count()));
            case Request.DelCpuCount r -> undo.equals(new Request.AddCpuCount(r.count()));
            case Request.AddMmio r -> undo.equals(new Request.DelMmio(r.device()));
            case Request.DelMmio r -> undo.equals(new Request.AddMmio(r.device()));
            case Request.AddPci r -> undo.equals(new Request.DelPci(r.function()));
            case Request.DelPci r -> undo.equals(new Request.AddPci(r.function()));
        };
    }

    private Plan plan() {
        List<PlanStep> steps = new ArrayList<>();
        for (int left = 1 + random.nextInt(4); left > 0; left--) {
            steps.add(step());
        }
        return new Plan(steps);
    }

    private PlanStep step() {
        boolean counted = world.weather.profile().cpuModel() == CpuModel.COUNT;
        return switch (random.nextInt(8)) {
            case 0 -> new PlanStep.AddCpus(1 + random.nextInt(2));
            case 1 -> new PlanStep.SetCpus(1 + random.nextInt(world.weather.possible()));
            case 2 -> new PlanStep.Ask(counted ? new Request.DelCpuCount(1) : new Request.DelCpu(new ApicId(1)));
            case 3, 4 -> new PlanStep.Ask(new Request.AddMmio(DEVICE));
            case 5 -> new PlanStep.Ask(new Request.DelMmio(DEVICE));
            case 6 -> new PlanStep.Ask(new Request.AddPci(FUNCTION));
            default -> new PlanStep.Ask(new Request.DelPci(FUNCTION));
        };
    }
}
