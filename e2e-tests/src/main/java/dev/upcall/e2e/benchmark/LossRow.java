package dev.upcall.e2e.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/// From the guest's crash until the client says LOST: by the end of the stream, and by a probe where the guest only
/// falls
/// silent.
record LossRow() implements Row {

    /// The shortest that can be agreed.
    static final int INTERVAL_MILLIS = 100;

    private static final int TRIALS = 200;
    private static final int TRIALS_QUICK = 40;
    private static final int TRIALS_WARM_UP = 40;
    private static final int SILENCES = 50;
    private static final int SILENCES_QUICK = 10;

    /// "Noticed by probe within two intervals"; the rest is the timer's.
    private static final double INTERVALS_MAX = 2.05;

    @Override
    public String name() {
        return "loss";
    }

    @Override
    public List<Measure> measure(Workshop workshop) throws IOException, InterruptedException {
        Path path = workshop.socket("l");
        try (Child server = workshop.extendedServer(Workshop.OTHER_CORE, path);
                Child client = workshop.peer(Workshop.CLIENT_CORE, "loss", path.toString())) {
            Random pauses = new Random(TRIALS);
            client.hear();
            List<Double> ends = new ArrayList<>();
            for (int i = -TRIALS_WARM_UP; i < (workshop.quick() ? TRIALS_QUICK : TRIALS); i++) {
                double nanos = trial(server, client, "drop", pauses);
                if (i >= 0) {
                    ends.add(nanos / 1000);
                }
            }
            List<Double> probes = new ArrayList<>();
            for (int i = 0; i < (workshop.quick() ? SILENCES_QUICK : SILENCES); i++) {
                probes.add(trial(server, client, "hole", pauses) / (INTERVAL_MILLIS * 1e6));
            }
            return List.of(
                    Measure.of(name(), "end of stream", "p50", "µs", List.of(Measure.median(ends))),
                    Measure.of(name(), "end of stream", "p99", "µs", List.of(late(ends))),
                    Measure.of(name(), "probe", "p50", "intervals", List.of(Measure.median(probes))),
                    Measure.of(name(), "probe", "p99", "intervals", List.of(late(probes)))
                            .atMost(INTERVALS_MAX));
        }
    }

    /// Nanoseconds from the guest's end until the client knew; returns when it is connected again.
    private static double trial(Child server, Child client, String how, Random pauses)
            throws IOException, InterruptedException {
        Thread.sleep(pauses.nextInt(INTERVAL_MILLIS / 2, 2 * INTERVAL_MILLIS));
        double from = server.ask(how).get("gone");
        double noticed = client.hear().get("lost") - from;
        client.hear();
        return noticed;
    }

    private static double late(List<Double> times) {
        List<Double> sorted = new ArrayList<>(times);
        Collections.sort(sorted);
        return sorted.get((int) (sorted.size() * 0.99));
    }
}
