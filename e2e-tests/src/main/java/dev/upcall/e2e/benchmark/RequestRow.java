package dev.upcall.e2e.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// One request after the other to one guest.
///
/// @param serverCore where the server runs; the clients run on [Workshop#CLIENT_CORE]
record RequestRow(int serverCore) implements Row {

    private static final double BLOCKING_RATIO_MAX = 1.4;
    private static final double RATE_RATIO_MIN = 0.9;
    private static final double BYTES_MAX = 512;

    @Override
    public String name() {
        return serverCore == Workshop.CLIENT_CORE ? "request" : "request-cross-core";
    }

    @Override
    public List<Measure> measure(Workshop workshop) throws IOException {
        Path path = workshop.socket("r" + serverCore);
        try (Child _ = workshop.server(serverCore, path)) {
            int core = Workshop.CLIENT_CORE;
            long millis = workshop.roundMillis();
            List<Contender> contenders = new ArrayList<>();
            contenders.add(new Program("C", workshop.client(core, "ping", path.toString(), Long.toString(millis))));
            for (String kind : List.of("jdk", "netty", "blocking", "virtual", "async")) {
                contenders.add(new JavaPeer(kind, workshop.peer(core, kind, path.toString()), millis));
            }
            return measures(Rounds.play(name(), contenders, workshop.rounds()));
        }
    }

    private List<Measure> measures(Rounds rounds) {
        boolean judged = serverCore == Workshop.CLIENT_CORE;
        Measure floor = rounds.micros("C", "p50");
        Measure netty = rounds.rate("netty");
        List<Measure> measures = new ArrayList<>();
        measures.add(floor);
        for (String who : List.of("jdk", "netty")) {
            measures.add(rounds.micros(who, "p50").against(floor));
        }
        Measure blocking = rounds.micros("blocking", "p50").against(floor);
        measures.add(judged ? blocking.atMost(BLOCKING_RATIO_MAX) : blocking);
        measures.add(rounds.micros("virtual", "p50").against(floor));
        for (String who : List.of("C", "jdk", "netty", "blocking", "virtual")) {
            measures.add(rounds.micros(who, "p99"));
        }
        measures.add(rounds.rate("C"));
        measures.add(netty.against(rounds.rate("C")));
        measures.add(rounds.rate("blocking").against(rounds.rate("C")));
        Measure async = rounds.rate("async").against(netty);
        measures.add(judged ? async.atLeast(RATE_RATIO_MIN) : async);
        if (judged) {
            measures.add(
                    rounds.measure("blocking", "bytes", "allocated", 1, "B").atMost(BYTES_MAX));
            measures.add(rounds.measure("async", "bytes", "allocated", 1, "B").atMost(BYTES_MAX));
        }
        return measures;
    }
}
