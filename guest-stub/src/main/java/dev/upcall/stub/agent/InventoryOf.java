package dev.upcall.stub.agent;

import dev.upcall.proto.extension.CpuInventory;
import dev.upcall.proto.extension.inventory.Inventory;
import dev.upcall.proto.extension.service.ExtensionService;
import dev.upcall.proto.message.ApicId;
import dev.upcall.stub.machine.Contents;
import dev.upcall.stub.machine.MachineDump.CpuDump;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// The guest as an inventory tells it (§4).
///
/// Where the kernel keeps slots, in CPU number order, the ids are told in that order, those of absent
/// CPUs too. A CPU that is online and not present any more (`upcall-wire` 5.4) is in neither set, and
/// id 255, which can hold a slot but never starts, in none.
public final class InventoryOf {

    private InventoryOf() {}

    /// @param slots the kernel keeps slots
    public static Inventory guest(Contents contents, boolean slots, ExtensionService service) {
        return new Inventory(
                service.identity().guestEpoch(),
                contents.changes() + service.changes(),
                contents.running(),
                cpus(contents.cpus(), slots),
                service.connections(),
                contents.mmio(),
                contents.pci());
    }

    private static CpuInventory cpus(List<CpuDump> cpus, boolean slots) {
        return new CpuInventory(
                ids(cpus, CpuDump::present),
                ids(cpus, cpu -> cpu.present() && cpu.online()),
                slots
                        ? cpus.stream()
                                .filter(InventoryOf::hasId)
                                .map(cpu -> new ApicId(cpu.apicId()))
                                .toList()
                        : List.of(),
                cpus.stream()
                        .filter(InventoryOf::hasId)
                        .findFirst()
                        .map(cpu -> new ApicId(cpu.apicId()))
                        .orElse(ApicId.BOOT));
    }

    private static Set<ApicId> ids(List<CpuDump> cpus, Predicate<CpuDump> which) {
        return cpus.stream()
                .filter(which)
                .filter(InventoryOf::hasId)
                .map(cpu -> new ApicId(cpu.apicId()))
                .collect(Collectors.toSet());
    }

    private static boolean hasId(CpuDump cpu) {
        return cpu.apicId() >= 0 && cpu.apicId() <= ApicId.MAX;
    }
}
