package dev.upcall.e2e.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What streams to a guest in QEMU weigh in the process that is its vsock device, and whether that comes back.
///
/// @param launcher the script `upcall`
record VmMemoryRow(Path launcher) implements Row {
    private static final int SOME = 500;
    private static final int MANY = 4000;
    private static final double KIB_PER_STREAM_MAX = 16;

    /// The heap may grow to its small size once; streams that are gone may not add to it each time.
    private static final double GROWTH_MIB_MAX = 8;

    /// A closed stream is confirmed by its guest, which is emulated.
    private static final long SETTLE_MILLIS = 3000;

    @Override
    public String name() {
        return "vm-memory";
    }

    @Override
    public List<Measure> measure(Workshop workshop) throws IOException, InterruptedException {
        VmGuest.require();
        List<Double> weights = new ArrayList<>();
        try (VmGuest guest = VmGuest.behindOurs(workshop, launcher)) {
            Child.once(workshop.streams("connect", guest.socket(), 100));
            weights.add(guest.rssKib());
            for (int count : List.of(SOME, MANY, MANY, MANY)) {
                hold(workshop, guest, count, weights);
            }
        }
        double base = weights.get(0);
        double perStream = Math.max(weights.get(1) - base, 0) / SOME;
        double perStreamOfMany = Math.max(weights.get(3) - base, 0) / MANY;
        return List.of(
                one("RSS", "MiB", base / 1024),
                one("each of 500 streams", "KiB", perStream).atMost(KIB_PER_STREAM_MAX),
                one("each of 4,000 streams", "KiB", perStreamOfMany).atMost(KIB_PER_STREAM_MAX),
                one("RSS after closing 4,000", "MiB", weights.get(4) / 1024),
                one("growth by 4,000 more, twice", "MiB", (weights.get(8) - weights.get(4)) / 1024)
                        .atMost(GROWTH_MIB_MAX));
    }

    /// Adds what the device weighs while they are open, and after they were closed.
    private static void hold(Workshop workshop, VmGuest guest, int count, List<Double> weights)
            throws IOException, InterruptedException {
        try (Child streams = Child.start(workshop.streams("hold", guest.socket(), count))) {
            streams.hear();
            weights.add(guest.rssKib());
            streams.ask("close");
            Thread.sleep(SETTLE_MILLIS);
            weights.add(guest.rssKib());
        }
    }

    private Measure one(String what, String unit, double value) {
        return Measure.of(name(), "bridge", what, unit, List.of(value));
    }
}
