package dev.upcall.e2e.simulation.extended;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.wire.FrameLayout;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// 800 runs; `-Dupcall.extended.seeds=FROM..TO` for others, TO left out, `-Dupcall.extended.seeds=K` for
/// one.
class ExtendedSimulationTest {

    private static final String SEEDS = System.getProperty("upcall.extended.seeds", "0..800");

    /// From so many runs on everything that can happen must have happened.
    private static final long ENOUGH = 800;

    /// … and the connection must have been cut behind every byte of a frame.
    private static final long ENOUGH_FOR_EVERY_BYTE = 20_000;

    /// What clients must have been told at least once.
    private static final List<String> TOLD = List.of(
            "ends Done",
            "ends Absent",
            "ends Refused",
            "ends NotDone",
            "ends Unsafe",
            "ends Misbehaved",
            "ends GuestRestarted AS_WANTED",
            "ends GuestRestarted AS_BEFORE",
            "ends GuestRestarted NOT_KNOWN",
            "ends Unknown REPLY_DEADLINE",
            "ends Unknown CONNECTION_LOST",
            "ends Unknown CLOSED",
            "ends NotSent PEER_LEAVING",
            "ends NotSent PEER_LOST",
            "late Done",
            "late Refused",
            "sent again under its number",
            "replayed",
            "once_lost",
            "gap",
            "event discarded DUPLICATE",
            "BIND(FIRST)",
            "BIND(RESUMED)",
            "BIND(RESTARTED)",
            "REMOVED",
            "UNBIND(CONNECTION)",
            "UNBIND(PROBE)",
            "UNBIND(ORDERLY_EXIT)",
            "UNBIND(RESTARTED)",
            "met a stock guest",
            "probe MISSED",
            "probe LOST",
            "letter delivered",
            "letter denied GUEST_RESTARTED",
            "inventory told",
            "event USER",
            "event APP_EXIT",
            "event RESTARTING");

    @Test
    void no_client_is_ever_told_a_wrong_outcome_and_all_find_their_guest_again() {
        Tally tally = new Tally();
        AtomicLong firstBroken = new AtomicLong(Long.MAX_VALUE);

        seeds().parallel().forEach(seed -> {
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
        long runs = seeds().count();
        if (runs >= ENOUGH) {
            assertThat(Arrays.stream(Fault.values()).filter(fault -> tally.count(fault) == 0))
                    .as("faults that were never done")
                    .isEmpty();
            assertThat(TOLD.stream().filter(what -> tally.count(what) == 0))
                    .as("what was never told")
                    .isEmpty();
        }
        if (runs >= ENOUGH_FOR_EVERY_BYTE) {
            assertThat(List.of(tally.places(true), tally.places(false)))
                    .as("places behind which a connection was cut, of 0 … 1024")
                    .containsOnly(FrameLayout.FRAME_BYTES + 1);
        }
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
