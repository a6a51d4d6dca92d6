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
/// Aims are the peer's figures of `vhost-user-vsock.md` §5, measured with it on such a machine.
///
/// @param launcher the script `upcall`
record VmStreamsRow(Path launcher) implements Row {
    private static final int MIB = 96;
    private static final int MIB_QUICK = 32;

    private static final double CONNECT_MICROS_MAX = 490;
    private static final double ECHO_MICROS_MAX = 410;
    private static final double SEND_MB_MIN = 135;
    private static final double RECEIVE_MB_MIN = 160;
    private static final double BOTH_MB_MIN = 68;
    private static final double REQUEST_MICROS_MAX = 374;

    /// Twice what the peer takes when it is warm.
    private static final double SEND_CPU_MAX = 2 * 0.41;

    private static final double RECEIVE_CPU_MAX = 2 * 0.082;
    private static final double BOTH_CPU_MAX = 2 * 0.52;

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
        for (String who : peer ? List.of("UNIX", "peer") : List.of("UNIX")) {
            measures.add(rounds.measure(who, "connect", "CONNECT to OK p50", 1000, "µs"));
            measures.add(rounds.measure(who, "echo", "1 KiB echo p50", 1000, "µs"));
            measures.add(rounds.measure(who, "upcall", "request p50", 1000, "µs"));
            for (String way : List.of("send", "receive", "both")) {
                measures.add(rounds.measure(who, way, way, 1e6, "MB/s"));
            }
        }
        measures.add(time(rounds, "connect", "CONNECT to OK p50").atMost(CONNECT_MICROS_MAX));
        measures.add(time(rounds, "echo", "1 KiB echo p50").atMost(ECHO_MICROS_MAX));
        measures.add(rounds.measure("bridge", "echo-p99", "1 KiB echo p99", 1000, "µs"));
        measures.add(time(rounds, "upcall", "request p50").atMost(REQUEST_MICROS_MAX));
        measures.add(
                rounds.measure("bridge", "send", "host → guest", 1e6, "MB/s").atLeast(SEND_MB_MIN));
        measures.add(
                rounds.measure("bridge", "receive", "guest → host", 1e6, "MB/s").atLeast(RECEIVE_MB_MIN));
        measures.add(rounds.measure("bridge", "both", "echo", 1e6, "MB/s").atLeast(BOTH_MB_MIN));
        measures.add(cpu(rounds, "send", "host → guest").atMost(SEND_CPU_MAX));
        measures.add(cpu(rounds, "receive", "guest → host").atMost(RECEIVE_CPU_MAX));
        measures.add(cpu(rounds, "both", "echo").atMost(BOTH_CPU_MAX));
        measures.add(Measure.of(name(), "bridge", "CPU for the first 100 MB each way", "s", List.of(bridge.cold())));
        return measures;
    }

    private static Measure time(Rounds rounds, String number, String what) {
        return rounds.measure("bridge", number, what, 1000, "µs");
    }

    private static Measure cpu(Rounds rounds, String way, String what) {
        return rounds.measure("bridge", way + "-cpu", "CPU per 100 MB, " + what, 1, "s");
    }
}
