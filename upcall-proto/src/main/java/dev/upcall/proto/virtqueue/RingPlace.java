package dev.upcall.proto.virtqueue;

/// Where a split ring lies in guest memory, in guest addresses. What the guest may have chosen badly is
/// judged by [Virtqueue], not here.
///
/// @param entries how many descriptors, available and used entries it has; a power of two, at most
///     [#ENTRIES_MAX]
/// @param descriptors the descriptor table
/// @param available what the driver hands over
/// @param used what the device hands back
public record RingPlace(int entries, long descriptors, long available, long used) {

    /// The largest split ring (virtio 1.x, 2.7). QEMU's are 128 or 1024.
    public static final int ENTRIES_MAX = 32768;

    public RingPlace {
        if (entries < 1 || entries > ENTRIES_MAX || Integer.bitCount(entries) != 1) {
            throw new IllegalArgumentException(
                    "a ring has 1 to " + ENTRIES_MAX + " entries, a power of two: " + entries);
        }
    }

    long descriptorBytes() {
        return (long) entries * RingLayout.DESCRIPTOR_BYTES;
    }

    long availableBytes() {
        return RingLayout.AVAILABLE_RING_OFFSET + (long) entries * RingLayout.AVAILABLE_ENTRY_BYTES;
    }

    long usedBytes() {
        return RingLayout.USED_RING_OFFSET + (long) entries * RingLayout.USED_ENTRY_BYTES;
    }
}
