package dev.upcall.e2e.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// How fast a client notices that its guest is back, and what waiting costs. Server and clients share one core, the
/// clients wait one at a time.
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
        Path path = workshop.socket(question == Question.LISTENER_UP ? "up" : "back");
        int core = Workshop.CLIENT_CORE;
        int trials = workshop.quick() ? TRIALS_QUICK : TRIALS;
        Map<String, List<Double>> micros = new LinkedHashMap<>();
        List<Double> share = new ArrayList<>();
        Random pauses = new Random(trials);
        for (String who : List.of("C", "client")) {
            List<Double> times = new ArrayList<>();
            try (Child server = workshop.server(core, path);
                    Child client = who.equals("C")
                            ? Child.start(workshop.client(core, "wait", path.toString()))
                            : workshop.peer(core, "wait", path.toString())) {
                client.hear();
                for (int i = -TRIALS_WARM_UP; i < trials; i++) {
                    double time = trial(server, client, pauses);
                    if (i >= 0) {
                        times.add(time);
                    }
                }
                if (who.equals("client") && question == Question.LISTENER_UP) {
                    server.ask("down");
                    Thread.sleep(PAUSE_MILLIS_MAX);
                    share.add(client.ask("cpu " + WAITING_MILLIS).get("cpu") * 100);
                }
            }
            micros.put(who, times);
        }
        return measures(micros, share);
    }

    private double trial(Child server, Child client, Random pauses) throws IOException, InterruptedException {
        Thread.sleep(pauses.nextInt(PAUSE_MILLIS_MIN, PAUSE_MILLIS_MAX));
        double from;
        if (question == Question.LISTENER_UP) {
            server.ask("down");
            Thread.sleep(pauses.nextInt(PAUSE_MILLIS_MIN, PAUSE_MILLIS_MAX));
            from = server.ask("up").get("up");
        } else {
            from = server.ask("drop").get("dropped");
        }
        return (client.hear().get("connected") - from) / 1000;
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
