package dev.upcall.stub.machine;

import dev.upcall.proto.guest.CpuModel;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// What a machine is when it boots. Start from [#of] and change what differs.
///
/// @param kernel which guest kernel
/// @param possibleCpus the kernel's `possible_cpus`, 1 … 255
/// @param cpuTable x86: the APIC ids the firmware's table lists, in table order; 6.12 and 6.18 know no others
/// @param bootCpus ids enabled at boot (arm64: CPU numbers online at boot); the boot CPU is 0, or else the first
/// @param vcpus ids whose vCPU the VMM has made
/// @param pci functions the VMM has, all of them known to the guest at boot
/// @param vsockPci the function that carries the connections, if one does
/// @param mmioDevices virtio-mmio devices the guest boots with
/// @param vcpuStartTimeoutNanos how long a CPU start that leads nowhere holds the hotplug lock
public record MachineConfig(
        GuestProfile kernel,
        int possibleCpus,
        List<Integer> cpuTable,
        List<Integer> bootCpus,
        List<Integer> vcpus,
        List<PciFunction> pci,
        Optional<PciFunction> vsockPci,
        List<MmioDevice> mmioDevices,
        long vcpuStartTimeoutNanos)
        implements MachinePlan {

    public static final int POSSIBLE_CPUS_MAX = 255;

    /// As seen on real kernels: 10 s.
    public static final long VCPU_START_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);

    public MachineConfig {
        if (possibleCpus < 1 || possibleCpus > POSSIBLE_CPUS_MAX) {
            throw new IllegalArgumentException("possible CPUs must be 1 to " + POSSIBLE_CPUS_MAX + ": " + possibleCpus);
        }
        if (vcpuStartTimeoutNanos < 0) {
            throw new IllegalArgumentException(
                    "the vCPU start time-out must not be negative: " + vcpuStartTimeoutNanos);
        }
        cpuTable = checkedIds("the CPU table", cpuTable);
        bootCpus = checkedIds("the boot CPUs", bootCpus);
        vcpus = checkedIds("the vCPUs", vcpus);
        pci = List.copyOf(pci);
        mmioDevices = List.copyOf(mmioDevices);
        if (bootCpus.isEmpty()) {
            throw new IllegalArgumentException("a guest boots with at least one CPU; the boot CPUs are empty");
        }
        if (kernel.cpuModel() == CpuModel.COUNT) {
            for (int number : bootCpus) {
                if (number >= possibleCpus) {
                    throw new IllegalArgumentException("boot CPU " + number + " is not among the " + possibleCpus
                            + " possible CPUs 0 to " + (possibleCpus - 1));
                }
            }
        } else if (!cpuTable.containsAll(bootCpus)) {
            throw new IllegalArgumentException(
                    "the boot CPUs " + bootCpus + " must all be in the CPU table " + cpuTable);
        }
    }

    /// A model keeps its own time and wakes nobody.
    @Override
    public GuestMachine start(Runnable wake) {
        return new GuestMachine(this);
    }

    /// `possibleCpus` CPUs with ids 0, 1, …, of which 0 has booted and all have a vCPU; no device at all.
    public static MachineConfig of(GuestProfile kernel, int possibleCpus) {
        List<Integer> ids = IntStream.range(0, possibleCpus).boxed().toList();
        return new MachineConfig(
                kernel,
                possibleCpus,
                ids,
                List.of(0),
                ids,
                List.of(),
                Optional.empty(),
                List.of(),
                VCPU_START_TIMEOUT_NANOS);
    }

    public MachineConfig withCpuTable(Integer... ids) {
        return withCpuTable(List.of(ids));
    }

    public MachineConfig withCpuTable(List<Integer> ids) {
        return new MachineConfig(
                kernel, possibleCpus, ids, bootCpus, vcpus, pci, vsockPci, mmioDevices, vcpuStartTimeoutNanos);
    }

    public MachineConfig withBootCpus(Integer... ids) {
        return withBootCpus(List.of(ids));
    }

    public MachineConfig withBootCpus(List<Integer> ids) {
        return new MachineConfig(
                kernel, possibleCpus, cpuTable, ids, vcpus, pci, vsockPci, mmioDevices, vcpuStartTimeoutNanos);
    }

    public MachineConfig withVcpus(Integer... ids) {
        return withVcpus(List.of(ids));
    }

    public MachineConfig withVcpus(List<Integer> ids) {
        return new MachineConfig(
                kernel, possibleCpus, cpuTable, bootCpus, ids, pci, vsockPci, mmioDevices, vcpuStartTimeoutNanos);
    }

    /// @param vsock the function among them that carries the connections, if one does
    public MachineConfig withPci(Collection<PciFunction> functions, Optional<PciFunction> vsock) {
        return new MachineConfig(
                kernel,
                possibleCpus,
                cpuTable,
                bootCpus,
                vcpus,
                List.copyOf(functions),
                vsock,
                mmioDevices,
                vcpuStartTimeoutNanos);
    }

    public MachineConfig withMmioDevices(List<MmioDevice> devices) {
        return new MachineConfig(
                kernel, possibleCpus, cpuTable, bootCpus, vcpus, pci, vsockPci, devices, vcpuStartTimeoutNanos);
    }

    public MachineConfig withVcpuStartTimeoutNanos(long nanos) {
        return new MachineConfig(kernel, possibleCpus, cpuTable, bootCpus, vcpus, pci, vsockPci, mmioDevices, nanos);
    }

    /// The enabled ids in the order in which a kernel numbers them: the boot CPU, then the rest in table order.
    List<Integer> enabledInBootOrder() {
        int boot = bootCpus.contains(0) ? 0 : bootCpus.getFirst();
        return Stream.concat(Stream.of(boot), cpuTable.stream().filter(id -> id != boot && bootCpus.contains(id)))
                .toList();
    }

    private static List<Integer> checkedIds(String what, List<Integer> ids) {
        for (int id : ids) {
            if (id < 0 || id >= Cpus.APIC_IDS) {
                throw new IllegalArgumentException(
                        "ids in " + what + " must be 0 to " + (Cpus.APIC_IDS - 1) + ": " + id);
            }
        }
        if (new HashSet<>(ids).size() != ids.size()) {
            throw new IllegalArgumentException("an id stands twice in " + what + ": " + new ArrayList<>(ids));
        }
        return List.copyOf(ids);
    }
}
