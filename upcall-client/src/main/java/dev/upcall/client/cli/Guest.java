package dev.upcall.client.cli;

import dev.upcall.client.ClientRuntime;
import dev.upcall.client.RequestOptions;
import dev.upcall.client.UpcallClient;
import dev.upcall.client.UpcallException;
import dev.upcall.client.UpcallObserver;
import dev.upcall.client.UpcallOptions;
import dev.upcall.client.UpcallStatus;
import dev.upcall.client.transport.Target;
import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.inventory.Inventory;
import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.hotplug.Plan;
import dev.upcall.proto.hotplug.PlanReport;
import dev.upcall.proto.hotplug.PlanRun;
import dev.upcall.proto.hotplug.PlanStep;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Outcome.NotSentCause;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A connected guest for the length of one command: asks it, prints each answer, and turns what is no success into
/// the [Failure] that ends the command.
///
/// Used by the command's thread; the shutdown path calls [#interrupted] from its own.
final class Guest implements AutoCloseable, Interruption.Work {
    /// A signal does not wait for an event loop that is stuck.
    private static final long CLOSE_MILLIS_MAX = 1000;

    /// What takes no hot-plug lock is answered at once: as long as a PCI request.
    private static final Duration EXTENSION_PATIENCE = Duration.ofSeconds(5);

    private final Program program;
    private final GuestSettings settings;
    private final TimeBudget budget;
    private final Watcher watcher;
    private final UpcallClient client;
    private final Optional<TraceFile> trace;
    private final List<PlanReport.Entry> made = new ArrayList<>();

    private Guest(
            Program program, GuestSettings settings, Target target, UpcallOptions options, Optional<TraceFile> trace) {
        this.program = program;
        this.settings = settings;
        this.trace = trace;
        this.budget = new TimeBudget(program.surroundings().ticker(), settings.timeout());
        this.watcher = new Watcher(program, target);
        List<UpcallObserver> observers = new ArrayList<>(List.of(watcher));
        trace.ifPresent(observers::add);
        ClientRuntime runtime = program.surroundings().runtimes().apply(target);
        this.client = UpcallClient.open(target, options, runtime, observers);
    }

    /// Dials and waits until the guest can be asked.
    static Guest connect(Program program, GuestSettings settings) throws Failure {
        Guest guest = open(program, settings);
        try {
            guest.awaitConnected();
            return guest;
        } catch (Failure e) {
            guest.close();
            throw e;
        }
    }

    /// Begins to dial and returns at once.
    static Guest open(Program program, GuestSettings settings) throws Failure {
        Target target = settings.requireTarget();
        Optional<TraceFile> trace = TraceFile.of(settings.trace(), program.printer());
        UpcallOptions options = settings.options();
        return program.interruption().begins(() -> new Guest(program, settings, target, options, trace));
    }

    UpcallStatus status() {
        return client.status();
    }

    Watcher watcher() {
        return watcher;
    }

    /// Holds the plan against the picture, carries it out, and prints a line for each request.
    ///
    /// @param undo whether what was done is taken back when a request fails
    /// @throws Failure of the request that ended the run
    void carryOut(Plan plan, boolean undo) throws Failure {
        PlanRun run = new PlanRun(plan, settings.profile(), undo);
        for (Optional<Request> next = next(run); next.isPresent(); next = next(run)) {
            run.ended(outcome(next.get()));
            PlanReport.Entry entry = run.report().entries().getLast();
            ended(entry);
        }
        failOn(run.report());
    }

    /// Asks exactly this, as one request.
    void ask(Request request) throws Failure {
        PlanReport.Entry entry = new PlanReport.Entry(new PlanStep.Ask(request), 1, request, outcome(request), false);
        ended(entry);
        failOn(new PlanReport(List.of(entry)));
    }

    /// What an extended guest says that it has.
    Inventory inventory() throws Failure {
        return answer(client.inventory(), "the inventory", noInventory());
    }

    private static Failure noInventory() {
        return new Failure(ExitCode.NOT_SENT, "TIMED_OUT", "the guest did not show its inventory in time");
    }

    /// Tells an extended guest something, and waits until it has it.
    void send(byte[] event) throws Failure {
        answer(
                client.sendUserEvent(event).thenApply(_ -> event),
                "the guest to take the event",
                new Failure(
                        ExitCode.OUTCOME_UNKNOWN,
                        "TIMED_OUT",
                        "the guest did not say in time that it has the event; it may have it"));
    }

    /// The CPUs that the guest says it has, and the session believes from now on; empty where it cannot say: it is a
    /// stock one, or has no inventory.
    Optional<CpuPicture> ownPicture() throws Failure {
        try {
            await(client.inventory(), "the guest to say which CPUs it has", noInventory());
            return Optional.of(status().picture());
        } catch (UpcallException.NotSupported e) {
            return Optional.empty();
        } catch (UpcallException e) {
            throw Answers.failure(e);
        }
    }

    /// Whether nothing that is asked of this guest's CPUs can harm it: it answers what would crash a stock one.
    boolean survives() {
        return status().extension()
                .map(guest -> guest.features().has(Feature.EXACTLY_ONCE))
                .orElse(false);
    }

    private <T> T answer(CompletionStage<T> stage, String what, Failure late) throws Failure {
        try {
            return await(stage, what, late);
        } catch (UpcallException e) {
            throw Answers.failure(e);
        }
    }

    private <T> T await(CompletionStage<T> stage, String what, Failure late) throws Failure, UpcallException {
        Duration patience = budget.bounded(settings.replyTimeout().orElse(EXTENSION_PATIENCE));
        try (Progress _ = program.progress(() -> "waiting for " + what)) {
            return stage.toCompletableFuture().get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw late;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(ExitCode.OUTCOME_UNKNOWN, "INTERRUPTED", "interrupted while waiting for " + what);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UpcallException failure) {
                throw failure;
            }
            throw new IllegalStateException("waiting for " + what + " failed", e.getCause());
        }
    }

    private Optional<Request> next(PlanRun run) throws Failure {
        try {
            return run.next(client.status().picture());
        } catch (IllegalArgumentException e) {
            throw Failure.usage(String.valueOf(e.getMessage()));
        }
    }

    private Outcome outcome(Request request) throws Failure {
        if (budget.isSpent()) {
            return new Outcome.NotSent(
                    NotSentCause.EXPIRED, "the time of the whole command (--timeout) was over before " + request);
        }
        RequestOptions how = settings.request(request, budget);
        try (Progress _ = program.progress(() -> "waiting for the answer to " + request)) {
            return client.submit(request, how).awaitOutcome();
        } catch (InterruptedIOException e) {
            throw new Failure(ExitCode.OUTCOME_UNKNOWN, "INTERRUPTED", String.valueOf(e.getMessage()));
        }
    }

    private void ended(PlanReport.Entry entry) {
        synchronized (made) {
            made.add(entry);
        }
        Answers.report(entry, watcher.lastElapsed()).ifPresent(program.printer()::print);
    }

    private void failOn(PlanReport report) throws Failure {
        Optional<PlanReport.Entry> failed = report.failure();
        if (failed.isPresent()) {
            throw Answers.failure(failed.get(), report, settings.profile(), watcher.lastTrouble());
        }
    }

    private void awaitConnected() throws Failure {
        Duration patience = budget.bounded(settings.connecting());
        try (Progress _ = program.progress(() -> "connecting: " + watcher.whyNot(status()))) {
            client.awaitConnected(patience);
        } catch (UpcallException | InterruptedIOException e) {
            throw watcher.notConnected(status());
        }
    }

    @Override
    public ExitCode interrupted() {
        boolean closed = closed();
        List<PlanReport.Entry> before;
        synchronized (made) {
            before = List.copyOf(made);
        }
        if (!closed) {
            Failure deaf = new Failure(
                    ExitCode.OUTCOME_UNKNOWN, "INTERRUPTED", "interrupted; whether a request was out is not known");
            program.printer().print(Answers.withHistory(deaf, new PlanReport(before)));
            return deaf.exit();
        }
        Failure failure = watcher.out()
                .map(request -> new Failure(
                        ExitCode.OUTCOME_UNKNOWN,
                        "INTERRUPTED",
                        "interrupted while " + request + " was out; the guest may still carry it out"))
                .orElseGet(() -> new Failure(ExitCode.INTERRUPTED, "", "interrupted; no request was out"));
        program.printer().print(Answers.withHistory(failure, new PlanReport(before)));
        return failure.exit();
    }

    /// Nothing leaves a closed client: only then is it final what was out. A request that is still out stays so.
    ///
    /// @return false when the event loop did not come to it
    private boolean closed() {
        try {
            CompletableFuture.runAsync(client::close, task -> Thread.ofVirtual().start(task))
                    .get(CLOSE_MILLIS_MAX, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException | ExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() {
        program.interruption().ends();
        client.close();
        trace.ifPresent(TraceFile::close);
    }
}
