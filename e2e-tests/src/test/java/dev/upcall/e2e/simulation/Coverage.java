package dev.upcall.e2e.simulation;

import dev.upcall.proto.session.Event;
import dev.upcall.proto.session.State;
import dev.upcall.proto.session.request.Outcome;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// How often each cell of state × event was visited, and how requests ended. One per run, added up at the end.
final class Coverage {

    private final Map<String, Map<String, Long>> cells = new TreeMap<>();
    private final Map<String, Long> outcomes = new TreeMap<>();
    private long steps;
    private long crashes;

    void visited(State state, Event event) {
        steps++;
        cells.computeIfAbsent(event.getClass().getSimpleName(), _ -> new TreeMap<>())
                .merge(state.label(), 1L, Long::sum);
    }

    void outcome(Outcome outcome) {
        outcomes.merge(name(outcome), 1L, Long::sum);
    }

    void late(Outcome outcome) {
        outcomes.merge("late " + name(outcome), 1L, Long::sum);
    }

    /// The guest crashed, and the client had been told to risk it.
    void crashed() {
        crashes++;
    }

    synchronized void add(Coverage run) {
        run.cells.forEach((event, states) -> states.forEach((state, count) ->
                cells.computeIfAbsent(event, _ -> new TreeMap<>()).merge(state, count, Long::sum)));
        run.outcomes.forEach((outcome, count) -> outcomes.merge(outcome, count, Long::sum));
        steps += run.steps;
        crashes += run.crashes;
    }

    /// How many of all cells of state × event were visited.
    int visitedCells() {
        return cells.values().stream().mapToInt(Map::size).sum();
    }

    long count(String outcome) {
        return outcomes.getOrDefault(outcome, 0L);
    }

    /// One line for each event, one column for each state.
    String table() {
        String[] states = {
            "Init",
            "WaitingServer",
            "WaitingService",
            "Connected",
            "ServiceBusy",
            "Overdue",
            "Reconnecting",
            "GivenUp",
            "Closed"
        };
        StringBuilder out = new StringBuilder("%-18s".formatted("event"));
        for (String state : states) {
            out.append("%15s".formatted(state));
        }
        cells.forEach((event, counts) -> {
            out.append("%n%-18s".formatted(event));
            for (String state : states) {
                Long count = counts.get(state);
                out.append("%15s".formatted(count == null ? "-" : count.toString()));
            }
        });
        return out.append("%n%d cells in %,d steps; guests crashed on purpose: %d%nends: "
                        .formatted(visitedCells(), steps, crashes))
                .append(outcomes.entrySet().stream()
                        .map(e -> e.getKey() + " " + e.getValue())
                        .collect(Collectors.joining(", ")))
                .toString();
    }

    private static String name(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Unknown u -> "Unknown " + u.cause();
            case Outcome.NotSent n -> "NotSent " + n.cause();
            case Outcome.Unsafe u -> "Unsafe " + u.hazard();
            case Outcome.Done _,
                    Outcome.Absent _,
                    Outcome.Refused _,
                    Outcome.GuestRestarted _,
                    Outcome.NotDone _,
                    Outcome.Misbehaved _ -> outcome.getClass().getSimpleName();
        };
    }
}
