package dev.upcall.proto.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Where the bytes of a frame are: offsets, sizes and the magic, each offset derived from the one before it.
///
/// The accessors are absolute (`base` is where the frame starts in the buffer) and leave the buffer's position and
/// byte order alone, so they work on any `ByteBuffer` a transport hands over.
public final class FrameLayout {

    /// Every message, in either direction, is exactly this long.
    public static final int FRAME_BYTES = 1024;

    /// `magic_version` of today's dialect.
    public static final int MAGIC = 0x444D_0100;

    public static final int MAGIC_OFFSET = 0;
    public static final int MSG_SIZE_OFFSET = MAGIC_OFFSET + Integer.BYTES;
    public static final int MSG_TYPE_OFFSET = MSG_SIZE_OFFSET + Integer.BYTES;
    public static final int MSG_FLAGS_OFFSET = MSG_TYPE_OFFSET + Integer.BYTES;
    public static final int HEADER_BYTES = MSG_FLAGS_OFFSET + Integer.BYTES;

    /// A request's load starts right behind the header.
    public static final int REQUEST_LOAD_OFFSET = HEADER_BYTES;

    public static final int REQUEST_LOAD_BYTES_MAX = FRAME_BYTES - REQUEST_LOAD_OFFSET;

    /// A reply carries its result where a request's load starts.
    public static final int RESULT_OFFSET = HEADER_BYTES;

    public static final int REPLY_LOAD_OFFSET = RESULT_OFFSET + Integer.BYTES;
    public static final int REPLY_LOAD_BYTES_MAX = FRAME_BYTES - REPLY_LOAD_OFFSET;

    /// Bit 0 of `msg_flags`: the frame is no reply and wants none (extensions). Every other bit is 0 on send and
    /// ignored on receipt.
    public static final int FLAG_NOTIFICATION = 1;

    /// `msg_type`s of the extensions, first and last; what no message uses yet is reserved.
    public static final int EXTENSION_TYPE_FIRST = 0x100;

    public static final int EXTENSION_TYPE_LAST = 0x1FF;

    /// x86-64 CPU load: how many ids follow, the APIC version, and a fixed table of ids.
    public static final int CPU_COUNT_OFFSET = REQUEST_LOAD_OFFSET;

    public static final int CPU_APIC_VERSION_OFFSET = CPU_COUNT_OFFSET + Byte.BYTES;
    public static final int CPU_APIC_IDS_OFFSET = CPU_APIC_VERSION_OFFSET + Byte.BYTES;
    public static final int CPU_APIC_IDS_BYTES = 256;
    public static final int CPU_LOAD_BYTES = 2 * Byte.BYTES + CPU_APIC_IDS_BYTES;

    /// What dbs-upcall sends; it does not change the answer of any captured kernel.
    public static final byte APIC_VERSION = 0x14;

    /// arm64 CPU load: only the count.
    public static final int ARM_CPU_LOAD_BYTES = Byte.BYTES;

    /// virtio-mmio load. The C structure ends in four bytes of padding and the guest checks for 24.
    public static final int MMIO_BASE_OFFSET = REQUEST_LOAD_OFFSET;

    public static final int MMIO_SIZE_OFFSET = MMIO_BASE_OFFSET + Long.BYTES;
    public static final int MMIO_IRQ_OFFSET = MMIO_SIZE_OFFSET + Long.BYTES;
    public static final int MMIO_LOAD_BYTES = 2 * Long.BYTES + Integer.BYTES + 4;

    /// PCI load: bus and devfn (`slot << 3 | function`); the domain is always 0.
    public static final int PCI_BUS_OFFSET = REQUEST_LOAD_OFFSET;

    public static final int PCI_DEVFN_OFFSET = PCI_BUS_OFFSET + Byte.BYTES;
    public static final int PCI_LOAD_BYTES = 2 * Byte.BYTES;

    /// Load of a successful CPU reply: u32.
    public static final int CPU_REPLY_LOAD_BYTES = Integer.BYTES;

    private FrameLayout() {}

    public static int readInt(ByteBuffer buffer, int index) {
        int value = buffer.getInt(index);
        return buffer.order() == ByteOrder.LITTLE_ENDIAN ? value : Integer.reverseBytes(value);
    }

    public static long readLong(ByteBuffer buffer, int index) {
        long value = buffer.getLong(index);
        return buffer.order() == ByteOrder.LITTLE_ENDIAN ? value : Long.reverseBytes(value);
    }

    public static void writeInt(ByteBuffer buffer, int index, int value) {
        buffer.putInt(index, buffer.order() == ByteOrder.LITTLE_ENDIAN ? value : Integer.reverseBytes(value));
    }

    public static void writeLong(ByteBuffer buffer, int index, long value) {
        buffer.putLong(index, buffer.order() == ByteOrder.LITTLE_ENDIAN ? value : Long.reverseBytes(value));
    }

    /// Clears all 1024 bytes and writes the header: nothing of an earlier use of the buffer can leak to the peer.
    public static void writeHeader(ByteBuffer buffer, int base, int msgType, int msgSize, int msgFlags) {
        for (int i = 0; i < FRAME_BYTES; i += Long.BYTES) {
            buffer.putLong(base + i, 0);
        }
        writeInt(buffer, base + MAGIC_OFFSET, MAGIC);
        writeInt(buffer, base + MSG_SIZE_OFFSET, msgSize);
        writeInt(buffer, base + MSG_TYPE_OFFSET, msgType);
        writeInt(buffer, base + MSG_FLAGS_OFFSET, msgFlags);
    }
}
