package dev.upcall.stub.machine;

import java.util.List;
import java.util.Optional;

/// A guest's CPUs, one model for each family of kernels.
abstract sealed class Cpus permits X86Cpus, CountedCpus {

    /// The limit of the u8 APIC ids, 255 being the broadcast id.
    static final int APIC_IDS = 255;

    private final List<Cpu> all;

    Cpus(List<Cpu> all) {
        this.all = List.copyOf(all);
    }

    /// All possible CPUs by their number.
    final List<Cpu> all() {
        return all;
    }

    final int online() {
        return (int) all.stream().filter(Cpu::online).count();
    }

    /// Whether the guest's own administrator may take CPU 0 offline.
    abstract boolean bootCpuCanGoOffline();

    /// The guest writes 0 or 1 into `/sys/devices/system/cpu/cpuN/online`. Why it could not, empty when it could.
    final Optional<String> sysfs(int number, boolean online, Vmm vmm) {
        if (number < 0 || number >= all.size() || !all.get(number).sysfs) {
            return Optional.of("the guest has no CPU " + number);
        }
        Cpu cpu = all.get(number);
        if (number == 0 && !bootCpuCanGoOffline()) {
            return Optional.of("CPU 0 has no online file");
        }
        if (!cpu.present) {
            return Optional.of("CPU " + number + " is not present any more");
        }
        if (online && !vmm.hasVcpu(cpu.apicId)) {
            return Optional.of("the VMM has no vCPU for CPU " + number);
        }
        if (!online && online() == 1 && cpu.online()) {
            return Optional.of("CPU " + number + " is the last one online");
        }
        cpu.bring(online);
        return Optional.empty();
    }
}
