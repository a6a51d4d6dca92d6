package dev.upcall.client.cli;

import dev.upcall.client.UpcallClient;
import dev.upcall.client.UpcallObserver;
import dev.upcall.client.UpcallOptions;
import dev.upcall.client.transport.Target;
import dev.upcall.proto.extension.liveness.RemovalPolicy;
import dev.upcall.proto.session.ReconnectPolicy;
import dev.upcall.proto.session.State;
import dev.upcall.proto.session.Trouble;
import dev.upcall.proto.session.extended.News;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `upcall watch`: state changes as they happen, until a signal or `--timeout`.
@Command(
        name = "watch",
        description = {
            "Print every change of the connection's state as it happens; reconnects for ever.",
            "Dials that fail for the same reason as the one before are counted and told when that ends;",
            "--json prints each of them.",
            "Of an extended guest: whether it lives, what is bound to it, and its events.",
            "Takes lines on standard input: policy auto|manual, unregister DEVICE|all (DEVICE as printed).",
            "Ends with 0 on a signal, and with 3 when --timeout passes and the guest was never there."
        },
        footer = {"", "Example: upcall -t hvsock:///run/vm.sock --json watch"})
final class WatchCommand implements Callable<Integer> {
    private final Program program;

    @Option(
            names = "--metrics-listen",
            paramLabel = "HOST:PORT",
            description = "Serve Prometheus metrics there, for example 127.0.0.1:9464.")
    @Nullable
    String metricsListen;

    @Option(
            names = "--policy",
            paramLabel = "auto|manual",
            description = "What becomes of plugged devices when the guest is lost: dropped at once (auto, default),"
                    + " or kept until they are unregistered.")
    @Nullable
    String policy;

    WatchCommand(Program program) {
        this.program = program;
    }

    @Override
    public Integer call() throws Failure {
        GuestSettings settings = program.settings();
        Target target = settings.requireTarget();
        UpcallOptions options = options(settings);
        Optional<TraceFile> trace = TraceFile.of(settings.trace(), program.printer());
        Watched watched = new Watched(program);
        List<UpcallObserver> observers = new ArrayList<>(List.of(watched));
        trace.ifPresent(observers::add);
        try (MetricsServer metrics = MetricsServer.start(metricsListen, program)) {
            observers.addAll(metrics.observers());
            program.interruption().begins(watched);
            try (UpcallClient client = UpcallClient.open(
                    target, options, program.surroundings().runtimes().apply(target), observers)) {
                new WatchOrders(client, program.printer())
                        .follow(program.surroundings().in());
                watched.await(settings.timeout());
            } finally {
                program.interruption().ends();
            }
        } finally {
            trace.ifPresent(TraceFile::close);
        }
        return watched.exit(target).code();
    }

    private UpcallOptions options(GuestSettings settings) throws Failure {
        UpcallOptions options = settings.options().withReconnect(ReconnectPolicy.DEFAULT);
        return policy == null
                ? options
                : options.withExtensions(
                        options.extensions().withRemoval(Syntax.oneOf("--policy", policy, RemovalPolicy.class)));
    }

    /// Prints on the event loop: a line for each change is little, and its order is the truth's.
    private static final class Watched implements UpcallObserver, Interruption.Work {
        private final Program program;
        private final Printer printer;
        private final RepeatedTrouble repeated = new RepeatedTrouble(); // event loop only
        private final CountDownLatch over = new CountDownLatch(1);
        private volatile boolean wasThere;
        private volatile boolean signalled;
        private volatile boolean closing;
        private volatile Trouble trouble = Trouble.of(Trouble.Kind.NOT_TRIED);

        Watched(Program program) {
            this.program = program;
            this.printer = program.printer();
        }

        void await(Optional<Duration> timeout) {
            try {
                if (timeout.isEmpty()) {
                    over.await();
                } else {
                    boolean _ = over.await(timeout.get().toNanos(), TimeUnit.NANOSECONDS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            closing = true;
        }

        ExitCode exit(Target target) throws Failure {
            if (signalled || wasThere) {
                return ExitCode.DONE;
            }
            throw Watcher.notConnected(target.toString(), trouble);
        }

        @Override
        public void stateChanged(UpcallClient client, State before, State after) {
            if (closing) {
                return;
            }
            wasThere |= after instanceof State.Connected;
            Optional<Trouble> why = StateChange.trouble(after);
            why.ifPresent(t -> trouble = t);
            if (!program.json()) {
                if (!repeated.isNews(after)) {
                    return;
                }
                int rounds = repeated.takeRounds();
                if (rounds > 0) {
                    printer.print(Report.of("  the same " + (rounds == 1 ? "once" : rounds + " times") + " more"));
                }
            }
            Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
            Report report = Report.of(now + "  " + StateChange.text(before, after))
                    .with("command", "watch")
                    .with("time", now.toString())
                    .with("from", before.label())
                    .with("to", after.label());
            printer.print(
                    why.isEmpty()
                            ? report
                            : report.with("reason", why.get().kind().name())
                                    .with("message", why.get().toString()));
        }

        @Override
        public void told(UpcallClient client, News news) {
            if (!closing) {
                Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
                NewsLine.of(news)
                        .ifPresent(line -> printer.print(
                                new Report(now + "  " + line.text(), line.fields()).with("time", now.toString())));
            }
        }

        @Override
        public ExitCode interrupted() {
            signalled = true;
            over.countDown();
            program.surroundings().out().flush();
            return ExitCode.DONE;
        }
    }
}
