package dev.upcall.stub.machine;

import java.util.function.Consumer;

/// What a guest kernel keeps of one CPU number. Mutable, confined to its machine.
final class Cpu {

    /// No APIC id.
    static final int NONE = -1;

    final int number;

    /// The id this number stands for, for ever once it is known; [#NONE] before.
    int apicId = NONE;

    /// The id can be found by the in-use check and by DEL_CPU.
    boolean inUse;

    /// `/sys/devices/system/cpu/cpuN` exists.
    boolean sysfs;

    boolean present;

    private boolean online;
    private Consumer<? super MachineChange> watcher = _ -> {};

    Cpu(int number) {
        this.number = number;
    }

    /// Told from now on when the CPU goes on- or offline.
    void watchedBy(Consumer<? super MachineChange> one) {
        watcher = one;
    }

    boolean online() {
        return online;
    }

    void bring(boolean on) {
        if (online != on) {
            online = on;
            watcher.accept(new MachineChange.CpuChanged(apicId, on));
        }
    }

    void bootedWith(int id) {
        apicId = id;
        inUse = true;
        sysfs = true;
        present = true;
        bring(true);
    }
}
