package dev.upcall.proto.guest;

/// How a guest kernel keeps its CPUs, as far as it matters to whoever adds and removes them.
public enum CpuModel {
    /// 5.10 and 6.1 on x86-64: an APIC id is looked up among the first N CPU slots only, N = CPUs present. An id
    /// keeps the slot it got at its first try for ever, so removals can hide CPUs that stay (`upcall-wire` 5.4).
    SLOT_SCAN,
    /// 6.12 and 6.18 on x86-64: the ids are fixed at boot by the firmware's table; any order works (`upcall-6.12`).
    BOOT_TABLE,
    /// arm64: no ids, only how many; every request is relative to what is online.
    COUNT
}
