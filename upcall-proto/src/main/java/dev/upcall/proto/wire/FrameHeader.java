package dev.upcall.proto.wire;

import java.nio.ByteBuffer;

/// The first sixteen bytes of a frame, copied out once. Nothing is judged here: a wrong magic is a value too.
///
/// @param magic `magic_version`, [FrameLayout#MAGIC] in today's dialect
/// @param msgSize `msg_size`, bytes of load, unsigned
/// @param msgType `msg_type`
/// @param msgFlags `msg_flags`
public record FrameHeader(int magic, int msgSize, int msgType, int msgFlags) {

    /// Reads the header of the frame that starts at `base`; sixteen bytes must be there.
    public static FrameHeader read(ByteBuffer buffer, int base) {
        return new FrameHeader(
                FrameLayout.readInt(buffer, base + FrameLayout.MAGIC_OFFSET),
                FrameLayout.readInt(buffer, base + FrameLayout.MSG_SIZE_OFFSET),
                FrameLayout.readInt(buffer, base + FrameLayout.MSG_TYPE_OFFSET),
                FrameLayout.readInt(buffer, base + FrameLayout.MSG_FLAGS_OFFSET));
    }

    /// The header under the protocol's names, numbers as one compares them with a dump.
    @Override
    public String toString() {
        return "magic_version=0x%08X msg_size=%s msg_type=%s msg_flags=0x%X"
                .formatted(magic, Integer.toUnsignedString(msgSize), typeText(msgType), msgFlags);
    }

    private static String typeText(int type) {
        return type >= 0 && type < 0x1000 ? Integer.toString(type) : "0x%08X".formatted(type);
    }
}
