package dev.upcall.e2e.simulation;

import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import java.util.List;

/// What the simulated guests may be given, few enough that wishes meet.
public final class Devices {
    /// The one that the connection itself runs over.
    public static final PciFunction VSOCK = new PciFunction(0, 2, 0);

    public static final PciFunction DISK = new PciFunction(0, 3, 0);

    public static final List<PciFunction> FUNCTIONS =
            List.of(DISK, new PciFunction(0, 3, 1), new PciFunction(0, 4, 0), new PciFunction(5, 0, 0), VSOCK);

    /// Some overlap, some share an interrupt line, two may share theirs.
    public static final List<MmioDevice> MMIO = List.of(
            MmioDevice.of(0xd0000000L, 0x1000, 6),
            MmioDevice.of(0xd0001000L, 0x1000, 7),
            MmioDevice.of(0xd0000800L, 0x1000, 8),
            MmioDevice.of(0xd0002000L, 0x1000, 5),
            MmioDevice.of(0xd0003000L, 0x1000, 5),
            MmioDevice.of(0xd0004000L, 0x1000, 6));

    private Devices() {}
}
