package dev.upcall.stub.control;

import dev.upcall.stub.machine.MachineDump;
import dev.upcall.stub.machine.MachineDump.CpuDump;
import dev.upcall.stub.service.ServerDump;
import java.util.List;
import java.util.function.Predicate;

/// The answer to `dump`.
///
/// | field               | what                                                                               |
/// |---------------------|------------------------------------------------------------------------------------|
/// | `kernel`, `boots`   | which guest kernel, how many times it has booted                                    |
/// | `cpus`              | CPU numbers: `possible`, `present`, `online`, `inUse`                               |
/// | `slots`             | each possible CPU: `cpu`, `apicId` (−1: none yet), `inUse`, `sysfs`, `present`, `online` |
/// | `vcpus`             | ids whose vCPU the VMM has made                                                     |
/// | `mmio`              | known devices, `0xbase+0xsize:irq`                                                  |
/// | `pci`               | `known` to the guest, `inVmm`                                                       |
/// | `lock`              | the hotplug lock: `lost`, `held`, `waiters`                                         |
/// | `wireCut`           | the guest removed its own vsock device                                              |
/// | `moods`             | as they are written                                                                 |
/// | `requests`, `replies` | how many were run, how many replies were made                                     |
/// | `connections`, `connectionsOpened` | the open ones with `id` and `stage`; all there ever were             |
final class DumpJson {

    private DumpJson() {}

    static Json.Fields of(ServerDump dump) {
        MachineDump machine = dump.machine();
        return new Json.Fields()
                .with("kernel", machine.kernel())
                .with("boots", machine.boots())
                .with(
                        "cpus",
                        new Json.Fields()
                                .withNumbers("possible", numbers(machine, _ -> true))
                                .withNumbers("present", numbers(machine, CpuDump::present))
                                .withNumbers("online", numbers(machine, CpuDump::online))
                                .withNumbers("inUse", numbers(machine, CpuDump::inUse)))
                .withObjects("slots", machine.cpus(), DumpJson::slot)
                .withNumbers("vcpus", machine.vcpus())
                .withTexts("mmio", machine.mmio())
                .with(
                        "pci",
                        new Json.Fields().withTexts("known", machine.pciKnown()).withTexts("inVmm", machine.pciInVmm()))
                .with(
                        "lock",
                        new Json.Fields()
                                .with("lost", machine.lockLost())
                                .with("held", machine.lockHeld())
                                .with("waiters", machine.lockWaiters()))
                .with("wireCut", machine.wireCut())
                .withTexts("moods", dump.moods())
                .with("requests", dump.requests())
                .with("replies", dump.replies())
                .withObjects(
                        "connections",
                        dump.connections(),
                        c -> new Json.Fields().with("id", c.id()).with("stage", c.stage()))
                .with("connectionsOpened", dump.connectionsOpened());
    }

    private static Json.Fields slot(CpuDump cpu) {
        return new Json.Fields()
                .with("cpu", cpu.number())
                .with("apicId", cpu.apicId())
                .with("inUse", cpu.inUse())
                .with("sysfs", cpu.sysfs())
                .with("present", cpu.present())
                .with("online", cpu.online());
    }

    private static List<Integer> numbers(MachineDump machine, Predicate<CpuDump> which) {
        return machine.cpus().stream().filter(which).map(CpuDump::number).toList();
    }
}
