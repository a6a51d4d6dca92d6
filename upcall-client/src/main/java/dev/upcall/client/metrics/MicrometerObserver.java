package dev.upcall.client.metrics;

import dev.upcall.client.UpcallClient;
import dev.upcall.client.UpcallObserver;
import dev.upcall.proto.message.Operation;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.State;
import dev.upcall.proto.session.Trouble;
import dev.upcall.proto.session.extended.News;
import dev.upcall.proto.session.request.Outcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Counts and times what clients do, into any Micrometer registry. One observer serves any number of clients.
///
/// Thread-safe; never blocks. All meters of the hot path are made beforehand.
public final class MicrometerObserver implements UpcallObserver {

    private enum Ending {
        DONE,
        ABSENT,
        REFUSED,
        UNKNOWN,
        GUEST_RESTARTED,
        NOT_DONE,
        NOT_SENT,
        UNSAFE,
        MISBEHAVED
    }

    private static final List<Class<? extends State>> STATES = List.of(
            State.Init.class,
            State.WaitingServer.class,
            State.WaitingService.class,
            State.Opening.class,
            State.Connected.class,
            State.ServiceBusy.class,
            State.Overdue.class,
            State.Reconnecting.class,
            State.GivenUp.class,
            State.Closed.class);

    /// From what a fast guest needs to what the longest deadline allows. The percentile histogram that Micrometer
    /// would choose has four times as many buckets for each of 63 timers; finding one took a tenth of the work.
    private static final Duration[] BUCKETS = Stream.of(
                    "0.0001 0.00025 0.0005 0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 30"
                            .split(" ", -1))
            .map(seconds -> Duration.parse("PT" + seconds + "S"))
            .toArray(Duration[]::new);

    private final MeterRegistry registry;
    private final Map<Operation, Map<Ending, Timer>> requests = new EnumMap<>(Operation.class);
    private final Map<Trouble.Kind, Counter> reconnects = new EnumMap<>(Trouble.Kind.class);
    private final Counter rejectedFrames;
    private final ExtensionMeters extensions;
    private final Set<UpcallClient> clients = ConcurrentHashMap.newKeySet();

    public MicrometerObserver(MeterRegistry registry) {
        this.registry = registry;
        for (Operation operation : Operation.values()) {
            requests.put(operation, timersOf(operation, registry));
        }
        for (Class<? extends State> state : STATES) {
            Gauge.builder("upcall.connections", clients, all -> count(all, state))
                    .description("clients in each state")
                    .tag("state", state.getSimpleName())
                    .strongReference(true)
                    .register(registry);
        }
        for (Trouble.Kind kind : Trouble.Kind.values()) {
            reconnects.put(
                    kind,
                    Counter.builder("upcall.reconnects")
                            .description("connections and dials that ended")
                            .tag("reason", lower(kind))
                            .register(registry));
        }
        extensions = new ExtensionMeters(registry, clients);
        rejectedFrames = Counter.builder("upcall.rejected.frames")
                .description("frames that no guest may send")
                .register(registry);
        Gauge.builder("upcall.queue.length", clients, MicrometerObserver::queueLength)
                .description("requests that wait")
                .strongReference(true)
                .register(registry);
    }

    @Override
    public void stateChanged(UpcallClient client, State before, State after) {
        switch (after) {
            case State.WaitingServer _ -> clients.add(client);
            case State.Reconnecting s -> ended(s.trouble());
            case State.GivenUp s -> ended(s.trouble());
            case State.Closed _ -> clients.remove(client);
            case State.Init _,
                    State.WaitingService _,
                    State.Opening _,
                    State.Connected _,
                    State.ServiceBusy _,
                    State.Overdue _ -> {}
        }
    }

    @Override
    public void requestCompleted(UpcallClient client, Request request, Outcome outcome, long elapsedNanos) {
        Timer timer = requests.getOrDefault(request.operation(), Map.of()).get(ending(outcome));
        if (timer != null) {
            timer.record(elapsedNanos, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void lateReply(UpcallClient client, Request request, Outcome outcome) {
        Counter.builder("upcall.late.replies")
                .description("replies that came after their outcome was called unknown")
                .tag("operation", request.operation().name())
                .register(registry)
                .increment();
    }

    @Override
    public void told(UpcallClient client, News news) {
        extensions.told(news);
    }

    private static Map<Ending, Timer> timersOf(Operation operation, MeterRegistry registry) {
        Map<Ending, Timer> timers = new EnumMap<>(Ending.class);
        for (Ending ending : Ending.values()) {
            timers.put(
                    ending,
                    Timer.builder("upcall.requests")
                            .description("requests that ended, from submission")
                            .tag("operation", operation.name())
                            .tag("outcome", lower(ending))
                            .serviceLevelObjectives(BUCKETS)
                            .register(registry));
        }
        return timers;
    }

    private void ended(Trouble trouble) {
        Counter counter = reconnects.get(trouble.kind());
        if (counter != null) {
            counter.increment();
        }
        if (trouble.isProtocolBreach()) {
            rejectedFrames.increment();
        }
    }

    /// Counted when somebody looks: a state changes twice with every request, and is looked at every few seconds.
    private static double count(Set<UpcallClient> clients, Class<? extends State> state) {
        return clients.stream()
                .filter(client -> state.isInstance(client.status().state()))
                .count();
    }

    private static double queueLength(Set<UpcallClient> clients) {
        return clients.stream().mapToInt(c -> c.status().queueLength()).sum();
    }

    private static Ending ending(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Done _ -> Ending.DONE;
            case Outcome.Absent _ -> Ending.ABSENT;
            case Outcome.Refused _ -> Ending.REFUSED;
            case Outcome.Unknown _ -> Ending.UNKNOWN;
            case Outcome.GuestRestarted _ -> Ending.GUEST_RESTARTED;
            case Outcome.NotDone _ -> Ending.NOT_DONE;
            case Outcome.NotSent _ -> Ending.NOT_SENT;
            case Outcome.Unsafe _ -> Ending.UNSAFE;
            case Outcome.Misbehaved _ -> Ending.MISBEHAVED;
        };
    }

    private static String lower(Enum<?> name) {
        return name.name().toLowerCase(Locale.ROOT);
    }
}
