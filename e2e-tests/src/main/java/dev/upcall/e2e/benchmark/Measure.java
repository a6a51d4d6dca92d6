package dev.upcall.e2e.benchmark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// One line of the table: a number of one contender over all rounds, and what it is held against.
///
/// @param row what was done
/// @param who did it
/// @param what of it: `p50`, `requests/s`, …
/// @param values one for each round, in `unit`
/// @param against whose value of the same round the ratios divide by; empty when nobody's
/// @param ratios one for each round
/// @param aim what the number should reach
record Measure(
        String row,
        String who,
        String what,
        String unit,
        List<Double> values,
        String against,
        List<Double> ratios,
        Optional<Aim> aim) {

    /// A spread wider than this says that the machine was measured, not the program.
    private static final double CALM = 1.5;

    /// A limit for the median: of the ratios where there are any, else of the values.
    record Aim(boolean atMost, double limit) {
        boolean reachedBy(double number) {
            return atMost ? number <= limit : number >= limit;
        }

        @Override
        public String toString() {
            return (atMost ? "≤ " : "≥ ") + Table.number(limit);
        }
    }

    enum Verdict {
        /// Nothing was promised.
        NONE,
        MET,
        MISSED,
        /// The rounds lie on both sides of the limit and far apart: measure again on a quieter machine.
        DOUBTFUL
    }

    static Measure of(String row, String who, String what, String unit, List<Double> values) {
        return new Measure(row, who, what, unit, List.copyOf(values), "", List.of(), Optional.empty());
    }

    Measure against(Measure other) {
        List<Double> quotients = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            quotients.add(values.get(i) / other.values.get(i));
        }
        return new Measure(row, who, what, unit, values, other.who, List.copyOf(quotients), aim);
    }

    Measure atMost(double limit) {
        return new Measure(row, who, what, unit, values, against, ratios, Optional.of(new Aim(true, limit)));
    }

    Measure atLeast(double limit) {
        return new Measure(row, who, what, unit, values, against, ratios, Optional.of(new Aim(false, limit)));
    }

    double median() {
        return median(values);
    }

    Verdict verdict() {
        if (aim.isEmpty()) {
            return Verdict.NONE;
        }
        List<Double> judged = ratios.isEmpty() ? values : ratios;
        boolean reached = aim.get().reachedBy(median(judged));
        boolean undecided =
                aim.get().reachedBy(Collections.min(judged)) != aim.get().reachedBy(Collections.max(judged));
        if (undecided && isRestless(judged)) {
            return Verdict.DOUBTFUL;
        }
        return reached ? Verdict.MET : Verdict.MISSED;
    }

    boolean isRestless() {
        return isRestless(ratios.isEmpty() ? values : ratios);
    }

    static double median(List<Double> numbers) {
        List<Double> sorted = numbers.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private static boolean isRestless(List<Double> numbers) {
        return Collections.max(numbers) > CALM * Collections.min(numbers);
    }
}
