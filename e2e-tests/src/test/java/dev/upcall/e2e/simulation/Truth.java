package dev.upcall.e2e.simulation;

import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.Request;
import dev.upcall.stub.machine.MachineDump;
import java.util.List;
import java.util.Set;

/// What the guest really did with a request, read from its machine at the moment its answer was formed.
///
/// @param request what the guest was asked
/// @param result what it answered, the stale result of a successful PCI operation left out
/// @param holds whether what was asked for is the case now
public record Truth(Request request, int result, boolean holds) {

    private static final int ENODEV = -19;

    /// @param pciKnownBefore the functions the guest knew before it was asked
    /// @param onlineBefore how many CPUs were online before it was asked
    public static Truth of(
            Request request, int result, MachineDump now, List<String> pciKnownBefore, int onlineBefore) {
        return switch (request) {
            case Request.AddCpu r -> new Truth(r, result, r.ids().stream().allMatch(id -> present(now, id.value())));
            case Request.DelCpu r -> new Truth(r, result, r.ids().stream().noneMatch(id -> present(now, id.value())));
            case Request.AddCpuCount r -> new Truth(r, result, online(now) == onlineBefore + r.count());
            case Request.DelCpuCount r -> new Truth(r, result, online(now) == onlineBefore - r.count());
            case Request.AddMmio r -> new Truth(r, result, now.mmio().contains(written(r.device())));
            case Request.DelMmio r -> new Truth(r, result, !now.mmio().contains(written(r.device())));
            case Request.AddPci r -> {
                String function = r.function().toString();
                yield new Truth(
                        r,
                        now.pciInVmm().contains(function) ? 0 : ENODEV,
                        now.pciKnown().contains(function));
            }
            case Request.DelPci r -> {
                String function = r.function().toString();
                yield new Truth(
                        r,
                        pciKnownBefore.contains(function) ? 0 : ENODEV,
                        !now.pciKnown().contains(function));
            }
        };
    }

    /// The same request; a removal may have been put into an order that the guest survives.
    public boolean isOf(Request asked) {
        return (asked instanceof Request.DelCpu a && request instanceof Request.DelCpu b)
                ? Set.copyOf(a.ids()).equals(Set.copyOf(b.ids()))
                : asked.equals(request);
    }

    public static int online(MachineDump machine) {
        return (int) machine.cpus().stream().filter(MachineDump.CpuDump::online).count();
    }

    private static boolean present(MachineDump machine, int apicId) {
        return machine.cpus().stream().anyMatch(cpu -> cpu.apicId() == apicId && cpu.present());
    }

    private static String written(MmioDevice device) {
        return device.window() + ":" + device.irq();
    }
}
