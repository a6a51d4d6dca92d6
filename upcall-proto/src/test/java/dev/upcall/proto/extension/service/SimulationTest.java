package dev.upcall.proto.extension.service;

import static dev.upcall.proto.extension.service.SimulatedTime.MS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.liveness.BindingOrder;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Client and guest machines against each other over a faulty wire, in virtual time, from a seed. At every
/// step: nothing is carried out twice, no outcome is wrong, a listener's sequence is gap-free or announced,
/// no user event is lost. Then the faults stop, and everything must come to rest.
class SimulationTest {

    private static final long SEEDS = Long.getLong("upcall.seeds", 60);

    /// What the seeds have met, so that a simulation that meets nothing shows.
    private final int[] met = new int[9];

    @Test
    void every_seed_keeps_the_promises_of_the_specification() {
        for (long seed = 0; seed < SEEDS; seed++) {
            try {
                play(seed);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
        assertThat(met)
                .as("answered, replayed, waited, read, unknown, gaps, lost, resumed, restarts")
                .doesNotContain(0);
    }

    private void play(long seed) {
        SimulatedTime time = new SimulatedTime(seed);
        SimulatedGuest guest = new SimulatedGuest(time, SimulatedClient.EPOCH);
        SimulatedClient client = new SimulatedClient(time, guest);
        client.connect();
        time.often(time.cutsPerSecond, () -> cut(time, client));
        time.often(time.restartsPerSecond, () -> guest.restart(time.random.nextBoolean()));
        time.often(time.pausesPerSecond, () -> guest.pause(time.random.nextLong(1000 * MS)));
        time.often(time.floodsPerSecond, guest::flood);
        time.often(time.requestsPerSecond, client::submit);
        time.often(time.eventsPerSecond, guest::happens);
        time.often(time.eventsPerSecond / 4, client::tellGuest);
        time.often(1, client::unregisterAll);
        time.runUntil(10_000 * MS);

        time.faults = false;
        time.runUntil(20_000 * MS);
        client.unregisterAll();
        time.runUntil(60_000 * MS);

        assertThat(client.isQuiet()).as("at rest: %s", client).isTrue();
        assertThat(story(client.bindings)).matches("(BUR*)*B?");
        for (List<Long> heard : guest.heard.values()) {
            assertThat(heard).isSorted().doesNotHaveDuplicates();
        }
        int[] now = {
            client.answered,
            client.replayed,
            guest.waits,
            client.read,
            client.unknown,
            client.gaps,
            client.lost,
            client.resumed,
            guest.restarts
        };
        for (int i = 0; i < met.length; i++) {
            met[i] += now[i];
        }
    }

    /// Where both ends notice, at once or late, what is on its way is lost.
    private static void cut(SimulatedTime time, SimulatedClient client) {
        SimulatedWire wire = client.wire();
        if (wire != null && !wire.isCut()) {
            wire.cut();
            if (time.random.nextInt(4) > 0) { // else only a probe finds out
                time.in(time.random.nextLong(50 * MS), () -> {
                    if (client.wire() == wire) {
                        client.disconnected(true);
                    }
                });
            }
        }
    }

    private static String story(List<BindingOrder> told) {
        return told.stream()
                .map(order -> switch (order) {
                    case BindingOrder.Bind _ -> "B";
                    case BindingOrder.Unbind _ -> "U";
                    case BindingOrder.Removed _ -> "R";
                    case BindingOrder.RenewPicture _ -> "";
                })
                .collect(Collectors.joining());
    }
}
