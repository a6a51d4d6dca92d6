package dev.upcall.stub.machine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// 6.12 and 6.18: the firmware's table names every id at boot and gives it its number; nothing can be added to it
/// later.
///
/// The numbers: the boot CPU, the enabled entries in table order, then the disabled ones by ascending id, cut at
/// `possible_cpus`. Table `0 enabled, 2 enabled, 3 disabled, 1 disabled` makes CPU 0 … 3 = id 0, 2, 1, 3.
///
/// Source: `upcall-6.12.md`, captures `612-*`.
final class BootTableCpus extends X86Cpus {

    BootTableCpus(MachineConfig config) {
        super(tableOf(config));
    }

    private static List<Cpu> tableOf(MachineConfig config) {
        List<Integer> enabled = config.enabledInBootOrder();
        List<Integer> ids = new ArrayList<>(enabled);
        config.cpuTable().stream().filter(id -> !enabled.contains(id)).sorted().forEach(ids::add);
        List<Cpu> cpus = new ArrayList<>();
        for (int id : ids.subList(0, Math.min(ids.size(), config.possibleCpus()))) {
            Cpu cpu = new Cpu(cpus.size());
            if (enabled.contains(id)) {
                cpu.bootedWith(id);
            } else {
                cpu.apicId = id;
            }
            cpus.add(cpu);
        }
        return cpus;
    }

    @Override
    @Nullable
    Cpu lookup(int apicId) {
        Cpu cpu = listed(apicId);
        return cpu != null && cpu.inUse ? cpu : null;
    }

    @Override
    @Nullable
    Cpu enter(int apicId) {
        Cpu cpu = listed(apicId);
        if (cpu != null) {
            cpu.inUse = true;
            cpu.present = true;
        }
        return cpu;
    }

    @Override
    void leave(Cpu cpu) {
        cpu.inUse = false;
        cpu.present = false;
    }

    @Override
    boolean tooManyToRemove(int count) {
        return count >= online();
    }

    private @Nullable Cpu listed(int apicId) {
        return all().stream().filter(cpu -> cpu.apicId == apicId).findFirst().orElse(null);
    }
}
