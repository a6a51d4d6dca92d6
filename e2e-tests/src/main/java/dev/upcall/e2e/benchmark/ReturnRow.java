package dev.upcall.e2e.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// How fast a client notices that its guest is back, and what waiting costs. Each client has a server of its own; all
/// share one core and are tried in turns.
///
/// @param question whether only the guest restarts, behind a VMM that stays, or the VMM too, whose socket file goes
///     and comes
record ReturnRow(Question question) implements Row {

    enum Question {
        GUEST_RESTART,
        LISTENER_UP
    }

    private static final int TRIALS = 200;
    private static final int TRIALS_QUICK = 30;
    private static final int TRIALS_WARM_UP = 40;

    /// Between a loss and the return: the client has settled to wait, in every phase of what it repeats.
    private static final int PAUSE_MILLIS_MIN = 20;

    private static final int PAUSE_MILLIS_MAX = 120;
    private static final long WAITING_MILLIS = 4000;
    private static final double P99_MILLIS_MAX = 2;
    private static final double CORE_SHARE_MAX = 0.01;

    @Override
    public String name() {
        return question == Question.LISTENER_UP ? "listener-up" : "guest-restart";
    }

    @Override
    public List<Measure> measure(Workshop workshop) throws IOException, InterruptedException {
        int trials = workshop.quick() ? TRIALS_QUICK : TRIALS;
        Map<String, List<Double>> micros = new LinkedHashMap<>();
        Random random = new Random(trials);
        try (Waiting c = new Waiting(workshop, "C", random);
                Waiting client = new Waiting(workshop, "client", random)) {
            List<Waiting> inTurns = new ArrayList<>(List.of(c, client));
            inTurns.forEach(who -> micros.put(who.name, who.times));
            for (int i = -TRIALS_WARM_UP; i < trials; i++) {
                Collections.shuffle(inTurns, random);
                for (Waiting who : inTurns) {
                    double time = who.trial();
                    if (i >= 0) {
                        who.times.add(time);
                    }
                }
            }
            List<Double> share = question == Question.LISTENER_UP ? List.of(client.shareOfCore()) : List.of();
            return measures(micros, share);
        }
    }

    /// A client that waits and the server it waits for.
    private final class Waiting implements AutoCloseable {
        private final String name;
        private final Child server;
        private final Child process;
        private final Random pauses;
        private final List<Double> times = new ArrayList<>();

        Waiting(Workshop workshop, String name, Random pauses) throws IOException {
            this.name = name;
            this.pauses = pauses;
            Path path = workshop.socket(name() + "-" + name);
            int core = Workshop.CLIENT_CORE;
            this.server = workshop.server(core, path);
            this.process = name.equals("C")
                    ? Child.start(workshop.client(core, "wait", path.toString()))
                    : workshop.peer(core, "wait", path.toString());
            process.hear();
        }

        /// Microseconds from the guest's return until the client is Connected.
        double trial() throws IOException, InterruptedException {
            Thread.sleep(pauses.nextInt(PAUSE_MILLIS_MIN, PAUSE_MILLIS_MAX));
            double from;
            if (question == Question.LISTENER_UP) {
                server.ask("down");
                Thread.sleep(pauses.nextInt(PAUSE_MILLIS_MIN, PAUSE_MILLIS_MAX));
                from = server.ask("up").get("up");
            } else {
                from = server.ask("drop").get("dropped");
            }
            return (process.hear().get("connected") - from) / 1000;
        }

        /// Percent of a core that waiting for a listener takes.
        double shareOfCore() throws IOException, InterruptedException {
            server.ask("down");
            Thread.sleep(PAUSE_MILLIS_MAX);
            return process.ask("cpu " + WAITING_MILLIS).get("cpu") * 100;
        }

        @Override
        public void close() {
            process.close();
            server.close();
        }
    }

    private List<Measure> measures(Map<String, List<Double>> micros, List<Double> share) {
        List<Measure> measures = new ArrayList<>();
        micros.forEach((who, times) -> {
            measures.add(Measure.of(name(), who, "p50", "µs", List.of(Measure.median(times))));
            Measure p99 = Measure.of(name(), who, "p99", "ms", List.of(late(times) / 1000));
            boolean judged = who.equals("client") && question == Question.LISTENER_UP;
            measures.add(judged ? p99.atMost(P99_MILLIS_MAX) : p99);
        });
        if (!share.isEmpty()) {
            measures.add(
                    Measure.of(name(), "client", "core, waiting", "%", share).atMost(CORE_SHARE_MAX * 100));
        }
        return measures;
    }

    private static double late(List<Double> times) {
        List<Double> sorted = new ArrayList<>(times);
        Collections.sort(sorted);
        return sorted.get((int) (sorted.size() * 0.99));
    }
}
