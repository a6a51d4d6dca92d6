package dev.upcall.proto.message;

/// A virtio-mmio device as the protocol names it: its register window and its interrupt. DEL wants exactly both.
public record MmioDevice(MmioWindow window, Irq irq) {

    public static MmioDevice of(long base, long size, int irq) {
        return new MmioDevice(new MmioWindow(base, size), new Irq(irq));
    }

    @Override
    public String toString() {
        return window + " irq " + irq;
    }
}
