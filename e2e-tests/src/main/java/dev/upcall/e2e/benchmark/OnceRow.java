package dev.upcall.e2e.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// What EXECUTE_ONCE and probes cost: the same calls to the same extended guest, with and without them.
///
/// @param serverCore where the guest runs; the clients run on [Workshop#CLIENT_CORE]
record OnceRow(int serverCore) implements Row {

    private static final double RATE_RATIO_MIN = 0.9;
    private static final double BYTES_MAX = 512;

    @Override
    public String name() {
        return serverCore == Workshop.CLIENT_CORE ? "once" : "once-cross-core";
    }

    @Override
    public List<Measure> measure(Workshop workshop) throws IOException {
        Path path = workshop.socket("o" + serverCore);
        Path stock = workshop.socket("os" + serverCore);
        int core = Workshop.CLIENT_CORE;
        long millis = workshop.roundMillis();
        try (Child _ = workshop.extendedServer(serverCore, path);
                Child _ = workshop.server(serverCore, stock)) {
            List<Contender> contenders = List.of(
                    new JavaPeer("plain", workshop.peer(core, "blocking", path.toString()), millis),
                    new JavaPeer("once", workshop.peer(core, "blocking-auto", path.toString()), millis),
                    new JavaPeer("plain-async", workshop.peer(core, "async", path.toString()), millis),
                    new JavaPeer("once-async", workshop.peer(core, "async-auto", path.toString()), millis),
                    new JavaPeer("auto-on-stock", workshop.peer(core, "blocking-auto", stock.toString()), millis));
            Rounds rounds = Rounds.play(name(), contenders, workshop.rounds());
            return List.of(
                    rounds.rate("plain"),
                    rounds.rate("once").against(rounds.rate("plain")).atLeast(RATE_RATIO_MIN),
                    rounds.rate("plain-async"),
                    rounds.rate("once-async")
                            .against(rounds.rate("plain-async"))
                            .atLeast(RATE_RATIO_MIN),
                    bytes(rounds, "plain"),
                    bytes(rounds, "once"),
                    bytes(rounds, "once-async"),
                    bytes(rounds, "auto-on-stock").atMost(BYTES_MAX));
        }
    }

    private static Measure bytes(Rounds rounds, String who) {
        return rounds.measure(who, "bytes", "allocated", 1, "B");
    }
}
