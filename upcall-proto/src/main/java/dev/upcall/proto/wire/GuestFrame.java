package dev.upcall.proto.wire;

import java.nio.ByteBuffer;

/// A frame that came from a guest, copied out of the buffer it arrived in.
///
/// | case             | when                                                          | cost                         |
/// |------------------|---------------------------------------------------------------|------------------------------|
/// | [ReplyFrame]     | a plain type, and no notification                             | one small record, no load     |
/// | [ExtensionFrame] | `msg_type` 0x100 … 0x1FF, or `msg_flags` says NOTIFICATION    | the load is copied           |
public sealed interface GuestFrame permits ReplyFrame, ExtensionFrame {

    FrameHeader header();

    /// Reads the frame that starts at `base`; all 1024 bytes must be there.
    static GuestFrame read(ByteBuffer buffer, int base) {
        int type = FrameLayout.readInt(buffer, base + FrameLayout.MSG_TYPE_OFFSET);
        int flags = FrameLayout.readInt(buffer, base + FrameLayout.MSG_FLAGS_OFFSET);
        return ExtensionFrame.is(type, flags)
                ? ExtensionFrame.readFromGuest(buffer, base)
                : ReplyFrame.read(buffer, base);
    }
}
