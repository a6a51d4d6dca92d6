package dev.upcall.proto.wire;

import java.nio.ByteBuffer;

/// A frame that came from a guest, copied out of the buffer it arrived in.
///
/// | case             | when                                                          | cost                         |
/// |------------------|---------------------------------------------------------------|------------------------------|
/// | [ReplyFrame]     | a plain type, and no notification                             | two small records, no load   |
/// | [ExtensionFrame] | `msg_type` 0x100 … 0x1FF, or `msg_flags` says NOTIFICATION    | the load is copied           |
public sealed interface GuestFrame permits ReplyFrame, ExtensionFrame {

    FrameHeader header();

    /// Reads the frame that starts at `base`; all 1024 bytes must be there.
    static GuestFrame read(ByteBuffer buffer, int base) {
        FrameHeader header = FrameHeader.read(buffer, base);
        return ExtensionFrame.is(header)
                ? ExtensionFrame.readFromGuest(header, buffer, base)
                : ReplyFrame.read(header, buffer, base);
    }
}
