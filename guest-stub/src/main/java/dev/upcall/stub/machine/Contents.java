package dev.upcall.stub.machine;

import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.stub.machine.MachineDump.CpuDump;
import java.util.List;

/// What a machine has at one moment: all that an inventory tells of it.
///
/// @param changes grows with every change of anything below
/// @param running operations begun and not finished; for ever those that wait for a lost lock
/// @param cpus by number
/// @param mmio known devices by base
/// @param pci known functions by bus and devfn
public record Contents(long changes, int running, List<CpuDump> cpus, List<MmioDevice> mmio, List<PciFunction> pci) {

    public Contents {
        cpus = List.copyOf(cpus);
        mmio = List.copyOf(mmio);
        pci = List.copyOf(pci);
    }
}
