package dev.upcall.e2e.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a stream to a guest in QEMU costs through our vsock device; beside it the best peer where it is installed,
/// and a
/// plain UNIX socket with the same far end.
///
/// The guest is emulated, so throughput shows mostly how fast that is; the device's own time is the figure that
/// separates.
/// Aims are the peer's figures of the same rounds, or, without it, those of `vhost-user-vsock.md` §5.
///
/// @param launcher the script `upcall`
record VmStreamsRow(Path launcher) implements Row {
    private static final int MIB = 96;
    private static final int MIB_QUICK = 32;

    private static final List<Figure> FIGURES = List.of(
            new Figure("connect", "CONNECT to OK p50", 1000, "µs", true, 490, 1),
            new Figure("echo", "1 KiB echo p50", 1000, "µs", true, 410, 1),
            new Figure("upcall", "request p50", 1000, "µs", true, 374, 1),
            new Figure("send", "host → guest", 1e6, "MB/s", false, 135, 1),
            new Figure("receive", "guest → host", 1e6, "MB/s", false, 160, 1),
            new Figure("both", "echo", 1e6, "MB/s", false, 68, 1),
            new Figure("send-cpu", "CPU per 100 MB, host → guest", 1, "s", true, 0.41, 2),
            new Figure("receive-cpu", "CPU per 100 MB, guest → host", 1, "s", true, 0.082, 2),
            new Figure("both-cpu", "CPU per 100 MB, echo", 1, "s", true, 0.52, 2));

    @Override
    public String name() {
        return "vm-streams";
    }

    @Override
    public List<Measure> measure(Workshop workshop) throws IOException {
        VmGuest.require();
        int mib = workshop.quick() ? MIB_QUICK : MIB;
        Path plain = workshop.socket("plain");
        try (Child _ = workshop.ports(Workshop.OTHER_CORE, plain);
                VmGuest ours = VmGuest.behindOurs(workshop, launcher)) {
            Carried unix = new Carried("UNIX", workshop, plain, () -> 0, mib);
            Carried bridge = new Carried("bridge", workshop, ours.socket(), ours::cpuSeconds, mib);
            List<Contender> contenders = new ArrayList<>(List.of(unix, bridge));
            Optional<VmGuest> installed = VmGuest.behindPeer(workshop);
            try {
                installed.ifPresent(
                        there -> contenders.add(new Carried("peer", workshop, there.socket(), there::cpuSeconds, mib)));
                Rounds rounds = Rounds.play(name(), contenders, workshop.rounds());
                return measures(rounds, bridge, installed.isPresent());
            } finally {
                installed.ifPresent(VmGuest::close);
            }
        }
    }

    private List<Measure> measures(Rounds rounds, Carried bridge, boolean peer) {
        List<Measure> measures = new ArrayList<>();
        for (String who : peer ? List.of("UNIX", "peer", "bridge") : List.of("UNIX", "bridge")) {
            for (Figure figure : FIGURES) {
                if (!who.equals("UNIX") || !figure.ofTheProcess()) {
                    Measure measure = figure.of(rounds, who);
                    measures.add(who.equals("bridge") ? figure.judged(measure, rounds, peer) : measure);
                }
            }
        }
        measures.add(Measure.of(name(), "bridge", "CPU for the first 100 MB each way", "s", List.of(bridge.cold())));
        return measures;
    }

    /// One number of each round.
    ///
    /// @param scale what the number is divided by to have it in `unit`
    /// @param atMost whether less is better
    /// @param peers the peer's figure of the specification
    /// @param ratio how many times the peer's figure it may be, or must be
    private record Figure(
            String number, String what, double scale, String unit, boolean atMost, double peers, double ratio) {
        /// Costs of a process: the UNIX socket has none behind it.
        boolean ofTheProcess() {
            return unit.equals("s");
        }

        Measure of(Rounds rounds, String who) {
            return rounds.measure(who, number, what, scale, unit);
        }

        /// Against the peer of the same rounds where there is one, else against its figure.
        Measure judged(Measure measure, Rounds rounds, boolean peer) {
            Measure against = peer ? measure.against(of(rounds, "peer")) : measure;
            double limit = peer ? ratio : peers * ratio;
            return atMost ? against.atMost(limit) : against.atLeast(limit);
        }
    }
}
