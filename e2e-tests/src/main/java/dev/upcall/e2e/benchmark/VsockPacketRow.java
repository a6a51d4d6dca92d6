package dev.upcall.e2e.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What the vsock device itself costs for each packet, the fake driver's work included, held against what the
/// kernel takes
/// to carry a frame forth and back over a UNIX socket.
record VsockPacketRow() implements Row {

    /// An upcall frame, and the most that a Linux guest's receive buffer takes.
    private static final List<Integer> SIZES = List.of(1024, 3732);

    /// The measuring allocates a little, once a round.
    private static final double BYTES_MAX = 0.01;

    @Override
    public String name() {
        return "vsock-packet";
    }

    @Override
    public List<Measure> measure(Workshop workshop) throws IOException {
        int core = Workshop.CLIENT_CORE;
        long millis = workshop.roundMillis();
        Path path = workshop.socket("v");
        try (Child _ = workshop.server(core, path)) {
            List<Contender> contenders = new ArrayList<>();
            contenders.add(new Program("C", workshop.client(core, "ping", path.toString(), Long.toString(millis))));
            for (int size : SIZES) {
                contenders.add(new JavaPeer(
                        who(size),
                        workshop.peer(core, "vsock-packets", path.toString(), Integer.toString(size)),
                        millis));
            }
            Rounds rounds = Rounds.play(name(), contenders, workshop.rounds());
            Measure floor = rounds.measure("C", "p50", "UNIX round trip", 1, "ns");
            List<Measure> measures = new ArrayList<>(List.of(floor));
            for (int size : SIZES) {
                measures.add(
                        rounds.measure(who(size), "packet", "packet", 1, "ns").against(floor));
                measures.add(
                        rounds.measure(who(size), "bytes", "allocated", 1, "B").atMost(BYTES_MAX));
            }
            return measures;
        }
    }

    private static String who(int size) {
        return "device " + size;
    }
}
