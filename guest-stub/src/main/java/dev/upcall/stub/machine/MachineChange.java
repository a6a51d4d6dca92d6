package dev.upcall.stub.machine;

import dev.upcall.proto.message.PciFunction;

/// Something in the guest is not as it was: what an extended guest raises events about.
public sealed interface MachineChange {

    /// @param apicId on arm64 the CPU number
    record CpuChanged(int apicId, boolean online) implements MachineChange {}

    /// A window of `size` bytes from `base`.
    record MmioChanged(long base, long size, boolean added) implements MachineChange {}

    record PciChanged(PciFunction function, boolean added) implements MachineChange {}
}
