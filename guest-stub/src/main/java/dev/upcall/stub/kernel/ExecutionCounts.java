package dev.upcall.stub.kernel;

import dev.upcall.proto.message.Operation;
import dev.upcall.stub.machine.Answer;
import dev.upcall.stub.machine.GuestRequest;
import dev.upcall.stub.observe.ServerDump;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// How many times each operation was really begun on the machine, over all connections, restarts and
/// boots: a replayed EXECUTE_ONCE does not count. Stories about exactly-once read them.
public final class ExecutionCounts {

    private static final class Count {
        private long plain;
        private long once;
        private long succeeded;
    }

    private final Map<Operation, Count> counts = new EnumMap<>(Operation.class);

    public void begun(GuestRequest request, boolean once) {
        Count count = of(request);
        if (once) {
            count.once++;
        } else {
            count.plain++;
        }
    }

    public void ended(GuestRequest request, Answer answer) {
        switch (answer) {
            case Answer.CpuDone _, Answer.MmioDone _, Answer.PciDone _ -> of(request).succeeded++;
            case Answer.Refused _, Answer.RefusedCpu _ -> {}
        }
    }

    public List<ServerDump.ExecutionDump> dump() {
        return counts.entrySet().stream()
                .map(e -> new ServerDump.ExecutionDump(
                        e.getKey().name(), e.getValue().plain, e.getValue().once, e.getValue().succeeded))
                .toList();
    }

    private Count of(GuestRequest request) {
        return counts.computeIfAbsent(operation(request), _ -> new Count());
    }

    static Operation operation(GuestRequest request) {
        return switch (request) {
            case GuestRequest.AddCpu _, GuestRequest.AddCpuCount _ -> Operation.ADD_CPU;
            case GuestRequest.DelCpu _, GuestRequest.DelCpuCount _ -> Operation.DEL_CPU;
            case GuestRequest.AddMmio _ -> Operation.ADD_MMIO;
            case GuestRequest.DelMmio _ -> Operation.DEL_MMIO;
            case GuestRequest.AddPci _ -> Operation.ADD_PCI;
            case GuestRequest.DelPci _ -> Operation.DEL_PCI;
        };
    }
}
