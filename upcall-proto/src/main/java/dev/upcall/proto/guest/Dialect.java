package dev.upcall.proto.guest;

import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.FrameLayout;

/// Which upcall dialect a guest speaks, told from its first frame.
///
/// The dialect of 2021 has the same magic and port; its opcodes are `0xdb000000 + n · 0x100000` and its replies are
/// of type `0xdbe00000` (ok) or `0xdbf00000` (error). It is recognised so that the error can name it; it is not
/// spoken.
public enum Dialect {
    SHIPPED,
    OF_2021,
    UNKNOWN;

    private static final int OF_2021_OK = 0xdbe0_0000;
    private static final int OF_2021_ERROR = 0xdbf0_0000;

    public static Dialect ofFirstFrame(FrameHeader header) {
        if (header.magic() != FrameLayout.MAGIC) {
            return UNKNOWN;
        }
        return switch (header.msgType()) {
            case 0 -> SHIPPED;
            case OF_2021_OK, OF_2021_ERROR -> OF_2021;
            default -> UNKNOWN;
        };
    }
}
