package dev.upcall.client.hotplug;

import dev.upcall.client.RequestOptions;
import dev.upcall.client.UpcallClient;
import dev.upcall.proto.guest.Safety;
import dev.upcall.proto.hotplug.Plan;
import dev.upcall.proto.hotplug.PlanReport;
import dev.upcall.proto.hotplug.PlanRun;
import dev.upcall.proto.hotplug.PlanStep;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.request.Outcome;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Carries out plans on one guest, one request after the other.
///
/// Thread-safe; two plans at the same time interleave their requests and undo only their own. Blocking: for virtual
/// or platform threads, not for the guest's event loop.
public final class Hotplug {

    private final UpcallClient client;
    private final RequestOptions how;

    public Hotplug(UpcallClient client) {
        this(client, client.options().request());
    }

    /// @param how every request of a plan is treated
    public Hotplug(UpcallClient client, RequestOptions how) {
        this.client = client;
        this.how = how;
    }

    /// What the plan would send, held against the client's picture of the guest. Sends nothing.
    public List<Plan.Preview> dryRun(Plan plan) {
        Safety safety = new Safety(
                client.options().profile(),
                client.options().ownWirePci(),
                client.options().ownWireMmio());
        return plan.preview(safety, client.status().picture());
    }

    /// Brings the guest to exactly `count` CPUs, the boot CPU included, one CPU per request; undoes what it did when
    /// one fails.
    public PlanReport setCpus(int count) throws InterruptedIOException {
        return apply(Plan.of(new PlanStep.SetCpus(count)), true, _ -> {});
    }

    /// Carries out the plan; when a request fails, takes back what was done, last first.
    public PlanReport apply(Plan plan) throws InterruptedIOException {
        return apply(plan, true, _ -> {});
    }

    /// @param undoOnFailure whether to take back what was done
    /// @param progress told each request as it ends, on the calling thread
    /// @throws InterruptedIOException when the thread is interrupted; the request that is out goes on without
    ///     it, and nothing is undone
    public PlanReport apply(Plan plan, boolean undoOnFailure, Consumer<PlanReport.Entry> progress)
            throws InterruptedIOException {
        PlanRun run = new PlanRun(plan, client.options().profile(), undoOnFailure);
        Optional<Request> next = run.next(client.status().picture());
        while (next.isPresent()) {
            run.ended(outcomeOf(next.get()));
            progress.accept(run.report().entries().getLast());
            next = run.next(client.status().picture());
        }
        return run.report();
    }

    private Outcome outcomeOf(Request request) throws InterruptedIOException {
        return client.submit(request, how).awaitOutcome();
    }
}
