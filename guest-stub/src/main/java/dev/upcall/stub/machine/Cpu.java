package dev.upcall.stub.machine;

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
    boolean online;

    Cpu(int number) {
        this.number = number;
    }

    void bootedWith(int id) {
        apicId = id;
        inUse = true;
        sysfs = true;
        present = true;
        online = true;
    }
}
