package dev.upcall.e2e.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// From nothing to Connected: dial, CONNECT and OK lines, service byte, CONNECT frame.
record ConnectRow() implements Row {

    private static final String TIMES = "2000";
    private static final double RATIO_MAX = 2;

    @Override
    public String name() {
        return "connect";
    }

    @Override
    public List<Measure> measure(Workshop workshop) throws IOException {
        Path path = workshop.socket("c");
        int core = Workshop.CLIENT_CORE;
        try (Child _ = workshop.server(core, path)) {
            List<Contender> contenders = List.of(
                    new Program("C", workshop.client(core, "connect", path.toString(), TIMES)),
                    new JavaPeer("client", workshop.peer(core, "connect", path.toString()), workshop.roundMillis()));
            Rounds rounds = Rounds.play(name(), contenders, workshop.rounds());
            Measure floor = rounds.micros("C", "p50");
            return List.of(
                    floor,
                    rounds.micros("client", "p50").against(floor).atMost(RATIO_MAX),
                    rounds.micros("C", "p99"),
                    rounds.micros("client", "p99"));
        }
    }
}
