package dev.upcall.e2e.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// A hundred guests at once on one event loop, each with one request out at any time.
record ManyRow() implements Row {

    private static final int GUESTS = 100;
    private static final double RATE_RATIO_MIN = 0.9;

    @Override
    public String name() {
        return "requests-of-100-guests";
    }

    @Override
    public List<Measure> measure(Workshop workshop) throws IOException {
        Path path = workshop.socket("m");
        int core = Workshop.CLIENT_CORE;
        try (Child _ = workshop.server(core, path)) {
            long millis = workshop.roundMillis();
            String count = Integer.toString(GUESTS);
            List<Contender> contenders = List.of(
                    new Program("C", workshop.client(core, "many", path.toString(), count, Long.toString(millis))),
                    new JavaPeer("netty", workshop.peer(core, "netty-many", path.toString(), count), millis),
                    new JavaPeer("async", workshop.peer(core, "async-many", path.toString(), count), millis));
            Rounds rounds = Rounds.play(name(), contenders, workshop.rounds());
            Measure netty = rounds.rate("netty");
            return List.of(
                    rounds.rate("C"),
                    netty.against(rounds.rate("C")),
                    rounds.rate("async").against(netty).atLeast(RATE_RATIO_MIN),
                    rounds.measure("async", "bytes", "allocated", 1, "B"));
        }
    }
}
