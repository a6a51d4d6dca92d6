package dev.upcall.proto.wire;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// A frame of the extensions with a copy of its load: a request or notification, whose load starts at 16, or
/// a reply, whose load starts at 20 behind the result.
///
/// Where `msg_size` is more than the frame can hold, the load is empty and [#oversized] is true: the codec
/// names it.
///
/// @param header the sixteen header bytes
/// @param result s32 at 16 of a reply; 0 in a request or notification, which have none
/// @param load the `msg_size` bytes of load, this record's own
@SuppressWarnings("ArrayRecordComponent") // handed to the decoder once, a copy would be the second
public record ExtensionFrame(FrameHeader header, int result, byte[] load) implements GuestFrame {

    private static final byte[] NOTHING = {};

    /// True for a frame of the extensions: by its type, or because it is a notification.
    public static boolean is(FrameHeader header) {
        return is(header.msgType(), header.msgFlags());
    }

    static boolean is(int msgType, int msgFlags) {
        return (msgFlags & FrameLayout.FLAG_NOTIFICATION) != 0 || isExtensionType(msgType);
    }

    /// Reads a frame that a guest sent: a reply, or a notification by its flag.
    public static ExtensionFrame readFromGuest(ByteBuffer buffer, int base) {
        FrameHeader header = FrameHeader.read(buffer, base);
        if (isNotification(header)) {
            return new ExtensionFrame(
                    header, 0, load(header, buffer, base + FrameLayout.REQUEST_LOAD_OFFSET, requestMax()));
        }
        return new ExtensionFrame(
                header,
                FrameLayout.readInt(buffer, base + FrameLayout.RESULT_OFFSET),
                load(header, buffer, base + FrameLayout.REPLY_LOAD_OFFSET, FrameLayout.REPLY_LOAD_BYTES_MAX));
    }

    /// Reads a frame that a host sent: a request, or a notification by its flag. All 1024 bytes must be
    /// there.
    public static ExtensionFrame readFromHost(ByteBuffer buffer, int base) {
        FrameHeader header = FrameHeader.read(buffer, base);
        return new ExtensionFrame(
                header, 0, load(header, buffer, base + FrameLayout.REQUEST_LOAD_OFFSET, requestMax()));
    }

    public boolean notification() {
        return isNotification(header);
    }

    /// True when `msg_size` says more than what is there.
    public boolean oversized() {
        return load.length != header.msgSize();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ExtensionFrame f
                && header.equals(f.header)
                && result == f.result
                && Arrays.equals(load, f.load);
    }

    @Override
    public int hashCode() {
        return header.hashCode() * 31 + Arrays.hashCode(load);
    }

    @Override
    public String toString() {
        return header + (notification() ? "" : " result=" + result) + " load of " + load.length + " bytes";
    }

    private static boolean isNotification(FrameHeader header) {
        return (header.msgFlags() & FrameLayout.FLAG_NOTIFICATION) != 0;
    }

    private static boolean isExtensionType(int type) {
        return type >= FrameLayout.EXTENSION_TYPE_FIRST && type <= FrameLayout.EXTENSION_TYPE_LAST;
    }

    private static int requestMax() {
        return FrameLayout.REQUEST_LOAD_BYTES_MAX;
    }

    private static byte[] load(FrameHeader header, ByteBuffer buffer, int at, int max) {
        int size = header.msgSize();
        if (size <= 0 || size > max) {
            return NOTHING;
        }
        byte[] load = new byte[size];
        buffer.get(at, load);
        return load;
    }
}
