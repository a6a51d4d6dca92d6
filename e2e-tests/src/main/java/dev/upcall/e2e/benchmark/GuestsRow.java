package dev.upcall.e2e.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Thousands of guests, each behind a socket of its own, in one fresh process with one event loop.
record GuestsRow(int guests) implements Row {

    /// The row whose aims are known.
    static final int MANY = 10_000;

    /// What an embedder with so many guests would choose: little heap, the small collector, few arenas.
    static final List<String> FLAGS = List.of(
            "-XX:+UseSerialGC",
            "-Xmx64m",
            "-XX:TieredStopAtLevel=1",
            "-XX:ReservedCodeCacheSize=24m",
            "--enable-native-access=ALL-UNNAMED",
            "-Dlogback.configurationFile=benchmark-logback.xml");

    private static final double RSS_MIB_MAX = 150;
    private static final double THREADS_MAX = 4;

    @Override
    public String name() {
        return "guests-" + guests;
    }

    @Override
    public List<Measure> measure(Workshop workshop) throws IOException {
        Workshop.requireDescriptors(guests);
        Path path = workshop.socket("g");
        int core = Workshop.CLIENT_CORE;
        String count = Integer.toString(guests);
        int half = guests / 2; // a server has a listener and a connection for each of its guests
        try (Child _ = workshop.servers(Workshop.OTHER_CORE, path, 0, half);
                Child _ = workshop.servers(Workshop.OTHER_CORE, path, half, half)) {
            List<Contender> contenders = List.of(
                    new Program("C", workshop.client(core, "guests", path.toString(), count, "11")),
                    new FreshPeer(workshop, core, path.toString(), count));
            return measures(Rounds.play(name(), contenders, workshop.quick() ? 1 : 3));
        }
    }

    private List<Measure> measures(Rounds rounds) {
        List<Measure> measures = new ArrayList<>();
        for (String step : List.of("connect", "broadcast")) {
            Measure floor = rounds.measure("C", step, step + " all", 1e6, "ms");
            measures.add(floor);
            measures.add(
                    rounds.measure("client", step, step + " all", 1e6, "ms").against(floor));
        }
        Measure rss = rounds.measure("client", "rss", "RSS", 1024, "MiB");
        Measure threads = rounds.measure("client", "threads", "threads", 1, "");
        measures.add(guests == MANY ? rss.atMost(RSS_MIB_MAX) : rss);
        measures.add(rounds.measure("client", "peak", "RSS at its peak", 1024, "MiB"));
        measures.add(guests == MANY ? threads.atMost(THREADS_MAX) : threads);
        return measures;
    }

    /// A new process for each round: what it weighs is what one weighs that did nothing else.
    private record FreshPeer(Workshop workshop, int core, String path, String count) implements Contender {
        @Override
        public String name() {
            return "client";
        }

        @Override
        public Answer round() throws IOException {
            try (Child peer = workshop.peer(core, FLAGS, "guests", path, count)) {
                return peer.ask("run 0");
            }
        }
    }
}
