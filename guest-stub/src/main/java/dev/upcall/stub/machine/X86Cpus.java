package dev.upcall.stub.machine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// x86-64: CPUs are named by APIC id on the wire and by number inside. What the two families share is in
/// [AddApicIds] and [DelApicIds]; here is what they do differently.
abstract sealed class X86Cpus extends Cpus permits SlotScanCpus, BootTableCpus {

    X86Cpus(List<Cpu> all) {
        super(all);
    }

    /// The CPU that an id stands for in the eyes of the in-use check and of DEL_CPU, null when they do not find it.
    abstract @Nullable Cpu lookup(int apicId);

    /// The same in the eyes of an operation: without quirks, whichever slot the id sits in.
    final @Nullable Cpu lookup(int apicId, Quirks quirks) {
        return quirks == Quirks.KEPT
                ? lookup(apicId)
                : all().stream()
                        .filter(cpu -> cpu.inUse && cpu.apicId == apicId)
                        .findFirst()
                        .orElse(null);
    }

    /// Marks an id present and in use. Null when the guest has no CPU for it.
    abstract @Nullable Cpu enter(int apicId);

    /// Takes back what [#enter] marked; nothing else.
    abstract void leave(Cpu cpu);

    /// The first check of DEL_CPU.
    abstract boolean tooManyToRemove(int count);

    @Override
    final boolean bootCpuCanGoOffline() {
        return false;
    }
}
