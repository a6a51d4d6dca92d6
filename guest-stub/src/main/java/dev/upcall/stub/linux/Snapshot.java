package dev.upcall.stub.linux;

import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.stub.machine.MachineChange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/// What the kernel showed at one moment.
///
/// @param cpus those that have a folder, by number; no APIC id stands twice
/// @param pci functions of domain 0
record Snapshot(List<Cpu> cpus, NavigableSet<PciFunction> pci) {

    /// The firmware does not tell.
    static final int UNKNOWN = -1;

    /// @param apicId or [#UNKNOWN]; one beyond [ApicId#MAX] cannot be asked for
    /// @param inUse as upcall means it; the package's table
    record Cpu(int number, int apicId, boolean online, boolean inUse) {}

    Snapshot {
        cpus = List.copyOf(cpus);
        pci = new TreeSet<>(pci);
    }

    Optional<Cpu> cpu(int apicId) {
        return cpus.stream().filter(cpu -> cpu.apicId() == apicId).findFirst();
    }

    int online() {
        return (int) cpus.stream().filter(Cpu::online).count();
    }

    /// What a client is told who knew `before`; a CPU without an id that can be written is told by nobody.
    List<MachineChange> since(Snapshot before) {
        List<MachineChange> changes = new ArrayList<>();
        Map<Integer, Boolean> was = before.onlineById();
        Map<Integer, Boolean> is = onlineById();
        was.forEach((id, online) -> {
            if (online && !is.getOrDefault(id, false)) {
                changes.add(new MachineChange.CpuChanged(id, false));
            }
        });
        is.forEach((id, online) -> {
            if (online && !was.getOrDefault(id, false)) {
                changes.add(new MachineChange.CpuChanged(id, true));
            }
        });
        before.pci.stream()
                .filter(function -> !pci.contains(function))
                .forEach(function -> changes.add(new MachineChange.PciChanged(function, false)));
        pci.stream()
                .filter(function -> !before.pci.contains(function))
                .forEach(function -> changes.add(new MachineChange.PciChanged(function, true)));
        return changes;
    }

    private Map<Integer, Boolean> onlineById() {
        Map<Integer, Boolean> online = new HashMap<>();
        cpus.stream()
                .filter(cpu -> cpu.apicId() != UNKNOWN && cpu.apicId() <= ApicId.MAX)
                .forEach(cpu -> online.put(cpu.apicId(), cpu.online()));
        return online;
    }
}
