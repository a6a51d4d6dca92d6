package dev.upcall.stub.machine;

import dev.upcall.proto.message.MmioDevice;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The virtio-mmio devices a guest knows, those it booted with included.
///
/// Ends are inclusive and unsigned, as in the kernel's `struct resource`. Two windows that share exactly one byte pass
/// the first check, whose comparisons are strict, and are refused only when the second one is claimed: −16 instead of
/// −17.
///
/// Source: the patch's `vm_device_overlap`, `vm_match_device`; captures `D-mmio`, `612-D-mmio`.
final class MmioDevices {

    /// The one line that several devices may share.
    static final int SHAREABLE_IRQ = 5;

    /// A device and the inclusive window it has claimed. A class on purpose: two of them may be equal and still be
    /// two.
    private static final class Device {
        private final long first;
        private final long last;
        private final int irq;

        Device(long first, long last, int irq) {
            this.first = first;
            this.last = last;
            this.irq = irq;
        }
    }

    private final List<Device> known = new ArrayList<>();
    private final Consumer<? super MachineChange> watcher;

    MmioDevices(Consumer<? super MachineChange> watcher) {
        this.watcher = watcher;
    }

    /// A device the guest has booted with.
    void booted(long base, long size, int irq) {
        known.add(new Device(base, base + size - 1, irq));
    }

    /// The known devices, as `0xbase+0xsize:irq`.
    List<String> written() {
        return known.stream()
                .map(d -> "0x" + Long.toHexString(d.first) + "+0x" + Long.toHexString(d.last - d.first + 1) + ":"
                        + Integer.toUnsignedString(d.irq))
                .toList();
    }

    /// What can be said of them in the terms of the protocol, by base: an interrupt above 2^31 cannot.
    List<MmioDevice> devices() {
        return known.stream()
                .filter(d -> d.irq > 0)
                .map(d -> MmioDevice.of(d.first, d.last - d.first + 1, d.irq))
                .sorted(Comparator.comparing(MmioDevice::window))
                .toList();
    }

    Operation add(long base, long size, int irq, Quirks quirks) {
        return new Add(base, size, irq, quirks);
    }

    Operation del(long base, long size, int irq, Quirks quirks) {
        return new Del(base, size, irq, quirks);
    }

    private static boolean below(long a, long b) {
        return Long.compareUnsigned(a, b) < 0;
    }

    private final class Add implements Operation {
        private final long size;
        private final Device wanted;
        private final Quirks quirks;

        Add(long base, long size, int irq, Quirks quirks) {
            this.quirks = quirks;
            this.size = size;
            this.wanted = new Device(base, base + size - 1, irq);
        }

        @Override
        public Progress start() {
            if (wanted.irq == 0) {
                return refused(Errno.EINVAL);
            }
            return known.stream().anyMatch(this::collides) ? refused(Errno.EEXIST) : new Progress.WantsLock();
        }

        @Override
        public Progress locked() {
            if (quirks == Quirks.NONE && known.stream().anyMatch(this::collides)) {
                return refused(Errno.EEXIST);
            }
            if (size == 0 || below(wanted.last, wanted.first) || known.stream().anyMatch(this::cannotShare)) {
                return refused(Errno.EBUSY);
            }
            known.add(wanted);
            watcher.accept(new MachineChange.MmioChanged(wanted.first, size, true));
            return new Progress.Answered(new Answer.MmioDone());
        }

        private boolean collides(Device other) {
            boolean irqTaken = other.irq == wanted.irq && wanted.irq != SHAREABLE_IRQ;
            return irqTaken || (below(other.first, wanted.last) && below(wanted.first, other.last));
        }

        /// What the resource tree refuses: one common byte, or a window that sticks out of the other. One that
        /// lies inside the other, or is the same, is nested: that is how a request repeated too early
        /// registers a device twice.
        private boolean cannotShare(Device other) {
            if (below(other.last, wanted.first) || below(wanted.last, other.first)) {
                return false;
            }
            boolean oneByte = other.last == wanted.first || wanted.last == other.first;
            boolean inside = !below(wanted.first, other.first) && !below(other.last, wanted.last);
            boolean around = !below(other.first, wanted.first) && !below(wanted.last, other.last);
            return oneByte || !(inside || around);
        }
    }

    private final class Del implements Operation {
        private final long base;
        private final long last;
        private final int irq;
        private final Quirks quirks;
        private @Nullable Device found;

        Del(long base, long size, int irq, Quirks quirks) {
            this.quirks = quirks;
            this.base = base;
            this.last = base + size - 1;
            this.irq = irq;
        }

        @Override
        public Progress start() {
            if (irq == 0) {
                return refused(Errno.EINVAL);
            }
            found = known.stream()
                    .filter(d -> d.first == base && d.last == last && d.irq == irq)
                    .findFirst()
                    .orElse(null);
            return found == null ? refused(Errno.ENODEV) : new Progress.WantsLock();
        }

        /// A device that somebody else unregistered while this operation waited is freed memory. The kernel's
        /// end is then anybody's guess; ours is the worst of them, a crash under the lock, so that a client
        /// that repeats is caught.
        @Override
        public Progress locked() {
            if (!known.removeIf(d -> d == found)) {
                return quirks == Quirks.KEPT ? new Progress.Crashed(true) : refused(Errno.EINVAL);
            }
            watcher.accept(new MachineChange.MmioChanged(base, last - base + 1, false));
            return new Progress.Answered(new Answer.MmioDone());
        }
    }

    private static Progress refused(int result) {
        return new Progress.Answered(new Answer.Refused(result));
    }
}
