package dev.upcall.proto.message;

/// A guest interrupt line number.
///
/// @param value 1 … 2^31 − 1; a guest answers −22 to IRQ 0
public record Irq(int value) {

    /// The one line that shipped kernels let several virtio-mmio devices share.
    public static final Irq SHAREABLE = new Irq(5);

    public Irq {
        if (value < 1) {
            throw new IllegalArgumentException("IRQ must be at least 1: " + value);
        }
    }

    @Override
    public String toString() {
        return Integer.toString(value);
    }
}
