package dev.upcall.client.metrics;

import dev.upcall.client.ExtensionStatus;
import dev.upcall.client.UpcallClient;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.event.EventOrder;
import dev.upcall.proto.extension.liveness.BindingOrder;
import dev.upcall.proto.session.extended.News;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What extended guests let their clients know, as meters.
///
/// | meter                       | tags      | what                                                              |
/// |-----------------------------|-----------|-------------------------------------------------------------------|
/// | `upcall.probes`             | `verdict` | probes that ended                                                 |
/// | `upcall.proof.of.life.age`  |           | the longest time, in seconds, that a connected guest was silent   |
/// | `upcall.events`             | `kind`    | events delivered                                                  |
/// | `upcall.event.gaps`         |           | events that will never come                                       |
/// | `upcall.event.discarded`    | `cause`   | duplicates, and events of another epoch                           |
/// | `upcall.once.replays`       |           | repeated requests that met their recorded outcome                 |
/// | `upcall.bindings`           | `change`  | BIND, UNBIND, REMOVED                                             |
final class ExtensionMeters {

    private final Map<News.Probe, Counter> probes = new EnumMap<>(News.Probe.class);
    private final Map<EventKind, Counter> events = new EnumMap<>(EventKind.class);
    private final Map<EventOrder.Cause, Counter> discarded = new EnumMap<>(EventOrder.Cause.class);
    private final Counter gaps;
    private final Counter replays;
    private final Counter binds;
    private final Counter unbinds;
    private final Counter removals;

    ExtensionMeters(MeterRegistry registry, Set<UpcallClient> clients) {
        for (News.Probe verdict : News.Probe.values()) {
            probes.put(verdict, counter(registry, "upcall.probes", "probes that ended", "verdict", verdict));
        }
        for (EventKind kind : EventKind.values()) {
            events.put(kind, counter(registry, "upcall.events", "events delivered", "kind", kind));
        }
        for (EventOrder.Cause cause : EventOrder.Cause.values()) {
            String what = "events that nobody is told of";
            discarded.put(cause, counter(registry, "upcall.event.discarded", what, "cause", cause));
        }
        gaps = Counter.builder("upcall.event.gaps")
                .description("events that will never come")
                .register(registry);
        replays = Counter.builder("upcall.once.replays")
                .description("repeated requests that met their recorded outcome")
                .register(registry);
        binds = binding(registry, "bind");
        unbinds = binding(registry, "unbind");
        removals = binding(registry, "removed");
        Gauge.builder("upcall.proof.of.life.age", clients, ExtensionMeters::longestSilence)
                .description("the longest time that a connected guest was silent")
                .baseUnit("seconds")
                .strongReference(true)
                .register(registry);
    }

    void told(News news) {
        switch (news) {
            case News.Probed n -> increment(probes.get(n.result()));
            case News.Happened n -> increment(events.get(n.event().kind()));
            case News.Missed n -> gaps.increment((double) n.gap().count());
            case News.Discarded n -> increment(discarded.get(n.what().cause()));
            case News.Replayed _ -> replays.increment();
            case News.Binding(BindingOrder.Bind _) -> binds.increment();
            case News.Binding(BindingOrder.Unbind _) -> unbinds.increment();
            case News.Binding(BindingOrder.Removed _) -> removals.increment();
            case News.Binding(BindingOrder.RenewPicture _) -> {} // the session's own affair
            case News.Greeted _, News.Judged _ -> {} // seen in the state and in the bindings
        }
    }

    /// Counted when somebody looks.
    private static double longestSilence(Set<UpcallClient> clients) {
        return clients.stream()
                .flatMap(client -> client.status().extension().stream())
                .map(ExtensionStatus::sinceProofOfLife)
                .mapToDouble(silent -> silent.toNanos() / 1e9)
                .max()
                .orElse(0);
    }

    private static Counter counter(MeterRegistry registry, String name, String what, String tag, Enum<?> value) {
        return Counter.builder(name)
                .description(what)
                .tag(tag, value.name().toLowerCase(Locale.ROOT))
                .register(registry);
    }

    private static Counter binding(MeterRegistry registry, String change) {
        return Counter.builder("upcall.bindings")
                .description("what was bound to a life of a guest, and unbound")
                .tag("change", change)
                .register(registry);
    }

    private static void increment(@Nullable Counter counter) {
        if (counter != null) {
            counter.increment();
        }
    }
}
