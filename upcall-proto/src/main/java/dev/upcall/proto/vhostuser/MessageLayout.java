package dev.upcall.proto.vhostuser;

/// Where the bytes of a vhost-user message are, and how long one may be. Little-endian, as the hosts we
/// run on.
public final class MessageLayout {

    public static final int REQUEST_OFFSET = 0;
    public static final int FLAGS_OFFSET = REQUEST_OFFSET + Integer.BYTES;
    public static final int SIZE_OFFSET = FLAGS_OFFSET + Integer.BYTES;
    public static final int HEADER_BYTES = SIZE_OFFSET + Integer.BYTES;
    public static final int PAYLOAD_OFFSET = HEADER_BYTES;

    /// Bits 0 and 1 of the flags hold the version, which is 1.
    public static final int VERSION_MASK = 0x3;

    public static final int VERSION = 0x1;

    /// Set in every reply, never in a request.
    public static final int REPLY_FLAG = 0x4;

    /// The front-end waits for an answer; counts only where REPLY_ACK was negotiated.
    public static final int NEED_REPLY_FLAG = 0x8;

    /// One number: features, an acknowledgement, a ring's index with its no-descriptor bit.
    public static final int U64_BYTES = Long.BYTES;

    /// u32 index, u32 number: a ring's size, its base, whether it is enabled.
    public static final int RING_STATE_BYTES = 2 * Integer.BYTES;

    /// u32 index, u32 flags, u64 descriptors, u64 used, u64 available, u64 log.
    public static final int RING_ADDRESS_BYTES = 2 * Integer.BYTES + 4 * Long.BYTES;

    /// In KICK, CALL and ERR: the low eight bits are the ring, this bit says that no descriptor comes
    /// along.
    public static final long RING_INDEX_MASK = 0xff;

    public static final long NO_DESCRIPTOR_BIT = 0x100;

    /// u32 count, u32 of padding, then the regions.
    public static final int TABLE_HEAD_BYTES = 2 * Integer.BYTES;

    /// u64 guest address, u64 size, u64 front-end address, u64 offset in the mapped file.
    public static final int REGION_BYTES = 4 * Long.BYTES;

    /// u32 offset, u32 size, u32 flags, then `size` bytes.
    public static final int CONFIG_HEAD_BYTES = 3 * Integer.BYTES;

    /// A device's configuration space has at most this many bytes (vhost-user specification).
    public static final int CONFIG_BYTES_MAX = 256;

    /// Descriptors that may ride on one message: eight in the vhost-user specification, as many as memory
    /// regions.
    public static final int FDS_MAX = 8;

    /// The longest message that we understand is a configuration of 268 bytes; the rest is room for one
    /// that we do not, so that it is refused by its name. 4 KiB is what other back-ends take.
    public static final int PAYLOAD_BYTES_MAX = 4096;

    private MessageLayout() {}
}
