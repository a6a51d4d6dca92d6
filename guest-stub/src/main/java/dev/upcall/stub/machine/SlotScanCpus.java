package dev.upcall.stub.machine;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// 5.10 and 6.1: slots are given out in the order in which ids are first tried, and an id is looked up among the first
/// N slots only, N being how many are present. So a removal in the middle hides what sits in the last slot.
///
/// ```
///  slot     0   1   2   3          DEL 1:   0   –   2   3
///  id       0   1   2   3                   ▲───────▲
///           ▲───────────▲ N = 4             N = 3: 3 is present and online, and no scan finds it
/// ```
///
/// Source: `generic_processor_info` of Linux 6.1 and the patch's `get_cpu_id`; captures `A-cpu`, `B-cpu-order` of 6.1.
final class SlotScanCpus extends X86Cpus {

    /// N, the kernel's `num_processors`: at least 1.
    private int present;

    SlotScanCpus(MachineConfig config) {
        super(IntStream.range(0, config.possibleCpus()).mapToObj(Cpu::new).toList());
        List<Integer> enabled = config.enabledInBootOrder();
        present = Math.min(enabled.size(), config.possibleCpus());
        for (int slot = 0; slot < present; slot++) {
            all().get(slot).bootedWith(enabled.get(slot));
        }
    }

    @Override
    @Nullable
    Cpu lookup(int apicId) {
        return all().stream()
                .limit(present)
                .filter(cpu -> cpu.inUse && cpu.apicId == apicId)
                .findFirst()
                .orElse(null);
    }

    @Override
    @Nullable
    Cpu enter(int apicId) {
        if (present >= all().size()) {
            return null;
        }
        Cpu slot = slotOf(apicId);
        if (slot != null) {
            slot.apicId = apicId;
            slot.inUse = true;
            slot.present = true;
            present++;
        }
        return slot;
    }

    @Override
    void leave(Cpu cpu) {
        cpu.inUse = false;
        cpu.present = false;
        present--;
    }

    @Override
    boolean tooManyToRemove(int count) {
        return count >= present;
    }

    private @Nullable Cpu slotOf(int apicId) {
        return all().stream()
                .filter(cpu -> cpu.apicId == apicId)
                .findFirst()
                .or(() -> all().stream().filter(cpu -> cpu.apicId == Cpu.NONE).findFirst())
                .orElse(null);
    }
}
