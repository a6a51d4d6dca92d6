package dev.upcall.proto.virtqueue;

/// Where the bytes of a split ring are. Little-endian.
public final class RingLayout {

    public static final int ADDRESS_OFFSET = 0;
    public static final int LENGTH_OFFSET = ADDRESS_OFFSET + Long.BYTES;
    public static final int FLAGS_OFFSET = LENGTH_OFFSET + Integer.BYTES;
    public static final int NEXT_OFFSET = FLAGS_OFFSET + Short.BYTES;
    public static final int DESCRIPTOR_BYTES = NEXT_OFFSET + Short.BYTES;

    /// The chain goes on at `next`.
    public static final int NEXT = 1;

    /// The device writes here; without it the device reads.
    public static final int WRITE = 2;

    /// The descriptor is a table of descriptors. Never offered, so seeing it is a breach.
    public static final int INDIRECT = 4;

    public static final int AVAILABLE_FLAGS_OFFSET = 0;
    public static final int AVAILABLE_INDEX_OFFSET = AVAILABLE_FLAGS_OFFSET + Short.BYTES;
    public static final int AVAILABLE_RING_OFFSET = AVAILABLE_INDEX_OFFSET + Short.BYTES;
    public static final int AVAILABLE_ENTRY_BYTES = Short.BYTES;

    /// In `avail.flags`: the driver does not want to be interrupted.
    public static final int NO_INTERRUPT = 1;

    public static final int USED_FLAGS_OFFSET = 0;
    public static final int USED_INDEX_OFFSET = USED_FLAGS_OFFSET + Short.BYTES;
    public static final int USED_RING_OFFSET = USED_INDEX_OFFSET + Short.BYTES;
    public static final int USED_ID_OFFSET = 0;
    public static final int USED_LENGTH_OFFSET = USED_ID_OFFSET + Integer.BYTES;
    public static final int USED_ENTRY_BYTES = USED_LENGTH_OFFSET + Integer.BYTES;

    /// In `used.flags`: the device does not want to be kicked.
    public static final int NO_NOTIFY = 1;

    /// What each part's address must be a multiple of (virtio 1.x, 2.7).
    public static final int DESCRIPTOR_ALIGNMENT = 16;

    public static final int AVAILABLE_ALIGNMENT = 2;
    public static final int USED_ALIGNMENT = 4;

    /// Indices count on for ever in sixteen bits.
    public static final int INDEX_MASK = 0xffff;

    private RingLayout() {}
}
