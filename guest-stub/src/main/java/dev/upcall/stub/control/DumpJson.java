package dev.upcall.stub.control;

import dev.upcall.proto.extension.service.ClientState;
import dev.upcall.proto.extension.service.GuestIdentity;
import dev.upcall.stub.machine.MachineDump;
import dev.upcall.stub.machine.MachineDump.CpuDump;
import dev.upcall.stub.observe.AgentDump;
import dev.upcall.stub.observe.ServerDump;
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
/// | `executions`        | operations really begun: `operation`, `plain`, `once`, `succeeded`; all restarts     |
/// | `extensions`        | extended guests only: the fields below                                             |
///
/// | field of `extensions` | what                                                                             |
/// |-----------------------|----------------------------------------------------------------------------------|
/// | `epoch`, `bootId`, `product`, `features` | what an opening is told                                       |
/// | `leaving`             | the terminal event is out                                                        |
/// | `clients`             | remembered ones: `epoch`, `connections`, `onceLost`, …                           |
/// | … of the once-table   | `onceKept`, `onceRunning`, `onceHighest` id                                      |
/// | … of the events       | `eventsKept` for it, `eventsHeard` of it                                         |
/// | `events`              | `raised`, `acknowledged`, user events `waiting` for room                         |
/// | `heard`               | events of hosts: `count`, `missed`, `last` one's text                            |
/// | `closed`              | connections the agent has closed, by reason                                      |
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
                .with("connectionsOpened", dump.connectionsOpened())
                .withObjects("executions", dump.executions(), DumpJson::execution)
                .and(dump.agent()
                        .map(agent -> new Json.Fields().with("extensions", extensions(agent)))
                        .orElseGet(Json.Fields::new));
    }

    private static Json.Fields execution(ServerDump.ExecutionDump e) {
        return new Json.Fields()
                .with("operation", e.operation())
                .with("plain", e.plain())
                .with("once", e.once())
                .with("succeeded", e.succeeded());
    }

    private static Json.Fields extensions(AgentDump agent) {
        GuestIdentity identity = agent.identity();
        Json.Fields closed = new Json.Fields();
        agent.closed().forEach((reason, count) -> closed.with(reason.name(), count));
        return new Json.Fields()
                .with("epoch", identity.guestEpoch().toString())
                .with("bootId", identity.bootId().toString())
                .with("product", identity.product())
                .with("features", identity.features().toString())
                .with("leaving", agent.leaving())
                .withObjects("clients", agent.clients(), DumpJson::client)
                .with(
                        "events",
                        new Json.Fields()
                                .with("raised", agent.raised())
                                .with("acknowledged", agent.acknowledged())
                                .with("waiting", agent.userWaiting()))
                .with(
                        "heard",
                        new Json.Fields()
                                .with("count", agent.heard())
                                .with("missed", agent.missed())
                                .with("last", agent.lastHeard()))
                .with("closed", closed);
    }

    private static Json.Fields client(ClientState client) {
        return new Json.Fields()
                .with("epoch", client.epoch().toString())
                .with("connections", client.connections())
                .with("onceKept", client.onceKept())
                .with("onceRunning", client.onceRunning())
                .with("onceHighest", client.onceHighest())
                .with("eventsKept", client.eventsKept())
                .with("eventsHeard", client.eventsHeard())
                .with("onceLost", client.onceLost());
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
