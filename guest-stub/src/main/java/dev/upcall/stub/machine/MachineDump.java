package dev.upcall.stub.machine;

import java.util.List;

/// A machine at one moment, for people and for tests.
///
/// @param cpus all possible CPUs by number
/// @param mmio known devices, `0xbase+0xsize:irq`
/// @param pciKnown functions the guest knows
/// @param pciInVmm functions the VMM has
/// @param vcpus ids whose vCPU the VMM has made
/// @param lockLost somebody crashed with the hotplug lock
/// @param lockHeld an operation holds the lock now
/// @param lockWaiters operations that wait for it
/// @param wireCut the guest removed its own vsock device
/// @param boots how many times it has booted, at least 1
public record MachineDump(
        String kernel,
        List<CpuDump> cpus,
        List<String> mmio,
        List<String> pciKnown,
        List<String> pciInVmm,
        List<Integer> vcpus,
        boolean lockLost,
        boolean lockHeld,
        int lockWaiters,
        boolean wireCut,
        int boots) {

    /// @param apicId the id this CPU number stands for, −1 while none (5.10 and 6.1: until one is tried)
    public record CpuDump(int number, int apicId, boolean inUse, boolean sysfs, boolean present, boolean online) {}
}
