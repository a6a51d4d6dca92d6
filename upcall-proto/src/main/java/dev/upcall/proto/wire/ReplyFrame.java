package dev.upcall.proto.wire;

import java.nio.ByteBuffer;

/// What a guest's frame says, as bytes said it: header, `result`, and the first word of the load.
///
/// Shipped kernels leave `result` and the load word *stale* in many replies, so nothing may be concluded from
/// a field before the session has matched the frame to its request (see `dev.upcall.proto.message.Reply`).
///
/// Flat, because every answer makes one: the header is put together only for whoever asks.
///
/// @param magic `magic_version`
/// @param msgSize `msg_size`, unsigned
/// @param msgType `msg_type`
/// @param msgFlags `msg_flags`
/// @param result s32 at 16: 0, a negative errno, or a small positive number
/// @param loadWord u32 at 20: meaningful only when `result` is 0 and `msg_size` is 4
public record ReplyFrame(int magic, int msgSize, int msgType, int msgFlags, int result, int loadWord)
        implements GuestFrame {

    public ReplyFrame(FrameHeader header, int result, int loadWord) {
        this(header.magic(), header.msgSize(), header.msgType(), header.msgFlags(), result, loadWord);
    }

    /// Reads the frame that starts at `base`; all 1024 bytes must be there.
    public static ReplyFrame read(ByteBuffer buffer, int base) {
        return new ReplyFrame(
                FrameLayout.readInt(buffer, base + FrameLayout.MAGIC_OFFSET),
                FrameLayout.readInt(buffer, base + FrameLayout.MSG_SIZE_OFFSET),
                FrameLayout.readInt(buffer, base + FrameLayout.MSG_TYPE_OFFSET),
                FrameLayout.readInt(buffer, base + FrameLayout.MSG_FLAGS_OFFSET),
                FrameLayout.readInt(buffer, base + FrameLayout.RESULT_OFFSET),
                FrameLayout.readInt(buffer, base + FrameLayout.REPLY_LOAD_OFFSET));
    }

    @Override
    public FrameHeader header() {
        return new FrameHeader(magic, msgSize, msgType, msgFlags);
    }

    @Override
    public String toString() {
        return header() + " result=" + result + " load=" + Integer.toUnsignedString(loadWord);
    }
}
