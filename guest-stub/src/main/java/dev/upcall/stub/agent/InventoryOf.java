package dev.upcall.stub.agent;

import dev.upcall.proto.extension.CpuInventory;
import dev.upcall.proto.extension.inventory.Inventory;
import dev.upcall.proto.extension.service.ExtensionService;
import dev.upcall.proto.guest.CpuModel;
import dev.upcall.proto.message.ApicId;
import dev.upcall.stub.machine.GuestMachine;
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

    public static Inventory guest(GuestMachine machine, ExtensionService service) {
        return new Inventory(
                service.identity().guestEpoch(),
                machine.changes() + service.changes(),
                machine.running(),
                cpus(machine),
                service.connections(),
                machine.mmioDevices(),
                machine.pciFunctions());
    }

    private static CpuInventory cpus(GuestMachine machine) {
        List<CpuDump> cpus = machine.dump().cpus();
        boolean slots = machine.config().kernel().cpuModel() != CpuModel.COUNT;
        return new CpuInventory(
                ids(cpus, CpuDump::present),
                ids(cpus, cpu -> cpu.present() && cpu.online()),
                slots
                        ? cpus.stream()
                                .filter(InventoryOf::hasId)
                                .map(cpu -> new ApicId(cpu.apicId()))
                                .toList()
                        : List.of(),
                new ApicId(cpus.getFirst().apicId()));
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
