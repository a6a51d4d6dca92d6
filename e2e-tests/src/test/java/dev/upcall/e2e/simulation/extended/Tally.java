package dev.upcall.e2e.simulation.extended;

import dev.upcall.proto.session.Event;
import dev.upcall.proto.session.State;
import dev.upcall.proto.session.request.Outcome;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/// How often each fault was really done, how requests ended, what clients were told. One per run, added up at
/// the end.
final class Tally {

    private final Map<Fault, Long> faults = new EnumMap<>(Fault.class);
    private final Map<String, Long> seen = new TreeMap<>();
    private final BitSet cutToGuest = new BitSet();
    private final BitSet cutFromGuest = new BitSet();
    private long steps;

    void fault(Fault fault) {
        faults.merge(fault, 1L, Long::sum);
    }

    /// Something that a run is to show at least once.
    void saw(String what) {
        seen.merge(what, 1L, Long::sum);
    }

    void step(State state, Event event) {
        steps++;
        saw("cell " + state.label() + " × " + event.getClass().getSimpleName());
    }

    void cut(boolean toGuest, int atByte) {
        (toGuest ? cutToGuest : cutFromGuest).set(atByte);
    }

    void outcome(String prefix, Outcome outcome) {
        String name = outcome.getClass().getSimpleName();
        saw(prefix
                + switch (outcome) {
                    case Outcome.Unknown u -> name + " " + u.cause();
                    case Outcome.NotSent n -> name + " " + n.cause();
                    case Outcome.GuestRestarted r -> name + " " + r.now();
                    case Outcome.Unsafe _,
                            Outcome.Done _,
                            Outcome.Absent _,
                            Outcome.Refused _,
                            Outcome.NotDone _,
                            Outcome.Misbehaved _ -> name;
                });
    }

    synchronized void add(Tally run) {
        run.faults.forEach((fault, count) -> faults.merge(fault, count, Long::sum));
        run.seen.forEach((what, count) -> seen.merge(what, count, Long::sum));
        cutToGuest.or(run.cutToGuest);
        cutFromGuest.or(run.cutFromGuest);
        steps += run.steps;
    }

    long count(Fault fault) {
        return faults.getOrDefault(fault, 0L);
    }

    long count(String what) {
        return seen.getOrDefault(what, 0L);
    }

    /// Those that lose, end or change something.
    long hardFaults() {
        return faults.entrySet().stream()
                .filter(e -> e.getKey().isHard())
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    long allFaults() {
        return faults.values().stream().mapToLong(Long::longValue).sum();
    }

    /// How many of the 1025 places in a frame have been cut.
    int places(boolean toGuest) {
        return (toGuest ? cutToGuest : cutFromGuest).cardinality();
    }

    String table() {
        StringBuilder out = new StringBuilder(
                "%,d faults (%,d with splits and delays) in %,d steps".formatted(hardFaults(), allFaults(), steps));
        for (Fault fault : Fault.values()) {
            out.append("%n  %-26s %,12d".formatted(fault, count(fault)));
        }
        out.append("%nplaces of reset in a frame: %d to the guest, %d from it, of 1025"
                .formatted(places(true), places(false)));
        seen.entrySet().stream()
                .filter(e -> !e.getKey().startsWith("cell "))
                .forEach(e -> out.append("%n  %-44s %,12d".formatted(e.getKey(), e.getValue())));
        return out.append("%ncells of state × event: %d"
                        .formatted(seen.keySet().stream()
                                .filter(s -> s.startsWith("cell "))
                                .count()))
                .toString();
    }
}
