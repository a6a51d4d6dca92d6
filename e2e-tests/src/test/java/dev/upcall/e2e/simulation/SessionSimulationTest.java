package dev.upcall.e2e.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// 10,000 runs; `-Dupcall.simulation.seeds=N` for more or fewer, `-Dupcall.simulation.seed=K` for one.
class SessionSimulationTest {

    private static final long SEEDS = Long.getLong("upcall.simulation.seeds", 10_000);
    private static final long ONLY = Long.getLong("upcall.simulation.seed", -1);

    @Test
    void the_session_keeps_its_promises_to_a_hostile_guest() {
        Coverage coverage = new Coverage();
        AtomicLong plans = new AtomicLong();
        AtomicLong firstBroken = new AtomicLong(Long.MAX_VALUE);
        LongStream seeds = ONLY >= 0 ? LongStream.of(ONLY) : LongStream.range(0, SEEDS);

        seeds.parallel().forEach(seed -> {
            Simulation run = new Simulation(seed);
            try {
                run.run();
            } catch (RuntimeException e) {
                firstBroken.accumulateAndGet(seed, Math::min);
            }
            coverage.add(run.coverage);
            plans.addAndGet(run.planner.finished);
        });

        if (firstBroken.get() != Long.MAX_VALUE) {
            explain(firstBroken.get());
        }
        System.out.println(coverage.table() + "\nplans that ran to their end: " + plans);
        if (ONLY < 0 && SEEDS >= 10_000) {
            assertThat(coverage.visitedCells()).as("cells of state × event").isGreaterThanOrEqualTo(100);
            assertThat(plans.get()).as("plans that ran to their end").isGreaterThan(SEEDS / 10);
        }
    }

    /// Runs it once more, alone, and tells the last steps.
    private static void explain(long seed) {
        Simulation run = new Simulation(seed);
        try {
            run.run();
        } catch (RuntimeException e) {
            throw new AssertionError(
                    "seed " + seed + ": " + e.getMessage() + "\n" + run.weather + "\n" + run.trail + "\n", e);
        }
        throw new AssertionError("seed " + seed + " broke once and not again: a run shares something");
    }
}
