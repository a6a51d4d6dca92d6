package dev.upcall.e2e.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Ten thousand extended guests in one fresh process, everything on: what one of them weighs.
record ExtendedGuestsRow(int guests) implements Row {

    private static final double KIB_PER_GUEST_MAX = 16;

    @Override
    public String name() {
        return "extended-guests-" + guests;
    }

    @Override
    public List<Measure> measure(Workshop workshop) throws IOException {
        Workshop.requireDescriptors(guests);
        Path path = workshop.socket("x");
        try (Child _ = workshop.extendedServer(Workshop.OTHER_CORE, path)) {
            FreshPeer peer = new FreshPeer(workshop, path.toString(), Integer.toString(guests));
            Rounds rounds = Rounds.play(name(), List.of(peer), workshop.quick() ? 1 : 3);
            return List.of(
                    rounds.measure("client", "rss", "RSS by guest, JVM and all", guests, "KiB")
                            .atMost(KIB_PER_GUEST_MAX),
                    rounds.measure("client", "rss-each", "RSS that one more costs", 1024, "KiB"),
                    rounds.measure("client", "heap-each", "live heap for each guest", 1024, "KiB"),
                    rounds.measure("client", "rss", "RSS", 1024, "MiB"),
                    rounds.measure("client", "connect", "connect all", 1e6, "ms"));
        }
    }

    /// A new process for each round: what it weighs is what one weighs that did nothing else.
    private record FreshPeer(Workshop workshop, String path, String count) implements Contender {
        @Override
        public String name() {
            return "client";
        }

        @Override
        public Answer round() throws IOException {
            try (Child peer = workshop.peer(Workshop.CLIENT_CORE, GuestsRow.FLAGS, "extended-guests", path, count)) {
                return peer.ask("run 0");
            }
        }
    }
}
