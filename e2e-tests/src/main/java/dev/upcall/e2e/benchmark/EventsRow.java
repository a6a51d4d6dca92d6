package dev.upcall.e2e.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Events of one guest over one connection, each acknowledged; the guest sends as fast as its window of 256 allows.
record EventsRow() implements Row {

    private static final double RATE_MIN = 100_000;

    @Override
    public String name() {
        return "events";
    }

    @Override
    public List<Measure> measure(Workshop workshop) throws IOException {
        Path path = workshop.socket("e");
        try (Child _ = workshop.extendedServer(Workshop.OTHER_CORE, path, "flood")) {
            Rounds rounds = Rounds.play(
                    name(),
                    List.of(new JavaPeer(
                            "client",
                            workshop.peer(Workshop.CLIENT_CORE, "events", path.toString()),
                            workshop.roundMillis())),
                    workshop.rounds());
            return List.of(
                    rounds.measure("client", "rate", "events", 1, "/s").atLeast(RATE_MIN),
                    rounds.measure("client", "lost", "lost", 1, "").atMost(0),
                    rounds.measure("client", "bytes", "allocated", 1, "B"));
        }
    }
}
