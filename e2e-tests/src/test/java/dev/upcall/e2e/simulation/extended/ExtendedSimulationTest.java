package dev.upcall.e2e.simulation.extended;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// Whole clients against an extended guest. `-Dupcall.extended.seeds=FROM..TO` runs these, TO left out;
/// `-Dupcall.extended.seeds=K` runs one.
class ExtendedSimulationTest {

    private static final String SEEDS = System.getProperty("upcall.extended.seeds", "0..400");

    @Test
    void no_client_is_ever_told_a_wrong_outcome_and_all_find_their_guest_again() {
        Tally tally = new Tally();
        AtomicLong firstBroken = new AtomicLong(Long.MAX_VALUE);
        LongStream seeds = seeds();

        seeds.parallel().forEach(seed -> {
            ExtendedSimulation run = new ExtendedSimulation(seed);
            try {
                run.run();
            } catch (RuntimeException e) {
                firstBroken.accumulateAndGet(seed, Math::min);
            }
            tally.add(run.tally);
        });

        if (firstBroken.get() != Long.MAX_VALUE) {
            explain(firstBroken.get());
        }
        System.out.println("seeds " + SEEDS + ": " + tally.table());
        assertThat(tally.hardFaults()).isPositive();
    }

    private static LongStream seeds() {
        String[] ends = SEEDS.split("\\.\\.", -1);
        long from = Long.parseLong(ends[0]);
        return ends.length == 1 ? LongStream.of(from) : LongStream.range(from, Long.parseLong(ends[1]));
    }

    /// Runs it once more, alone, and tells the last steps.
    static void explain(long seed) {
        ExtendedSimulation run = new ExtendedSimulation(seed);
        try {
            run.run();
        } catch (RuntimeException e) {
            throw new AssertionError(
                    "seed " + seed + ": " + e.getMessage() + "\n" + run.climate + "\n" + run.trail
                            + "\nagain: ./mvnw -Dquick test -pl e2e-tests -am -Dtest=ExtendedSimulationTest"
                            + " -Dsurefire.failIfNoSpecifiedTests=false -Dupcall.extended.seeds=" + seed + "\n",
                    e);
        }
        throw new AssertionError("seed " + seed + " broke once and not again: a run shares something");
    }
}
