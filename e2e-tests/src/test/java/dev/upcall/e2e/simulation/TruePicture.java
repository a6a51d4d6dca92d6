package dev.upcall.e2e.simulation;

import dev.upcall.proto.guest.CpuModel;
import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.message.ApicId;
import dev.upcall.stub.machine.MachineConfig;
import dev.upcall.stub.machine.MachineDump;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/// A guest's CPUs as they are, slots included: what an embedder that knows everything would say.
public final class TruePicture {

    private TruePicture() {}

    public static CpuPicture of(MachineDump machine, MachineConfig config) {
        if (config.kernel().cpuModel() == CpuModel.COUNT) {
            return CpuPicture.of(ids(machine.cpus().subList(0, Truth.online(machine))))
                    .withPossible(config.possibleCpus());
        }
        List<MachineDump.CpuDump> met =
                machine.cpus().stream().filter(cpu -> cpu.apicId() >= 0).toList();
        Set<ApicId> present = met.stream()
                .filter(MachineDump.CpuDump::present)
                .map(cpu -> new ApicId(cpu.apicId()))
                .collect(Collectors.toSet());
        return new CpuPicture(ids(met), present, Set.of(), false, OptionalInt.empty());
    }

    private static List<ApicId> ids(List<MachineDump.CpuDump> cpus) {
        return cpus.stream().map(cpu -> new ApicId(cpu.apicId())).toList();
    }
}
