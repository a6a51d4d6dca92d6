package dev.upcall.proto.extension;

import dev.upcall.proto.wire.ExtensionFrame;
import dev.upcall.proto.wire.FrameLayout;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Reads frames of the extensions: syntax and content here, whether a message may come *now* is the machines'
/// affair.
public final class ExtensionReader {

    private ExtensionReader() {}

    /// What a guest has received.
    public static Decoded<FromHost> fromHost(ExtensionFrame frame) {
        ExtensionType type = known(frame);
        if (type == null) {
            return new Decoded.UnknownType<>(frame.header().msgType(), frame.notification());
        }
        if (frame.oversized()) {
            return new Decoded.Unreadable<>(oversized(type, frame, FrameLayout.REQUEST_LOAD_BYTES_MAX));
        }
        byte[] load = frame.load();
        try {
            return switch (type) {
                case HANDSHAKE -> HandshakeCodec.decodeRequest(load);
                case EVENT_NOTIFY -> EventCodec.decodeNotify(load);
                case EVENT_ACK -> EventCodec.decodeAck(load);
                case INVENTORY -> InventoryCodec.decodeRequest(load);
                case EXECUTE_ONCE -> OnceCodec.decodeRequest(load);
            };
        } catch (IOException e) {
            return new Decoded.Unreadable<>(undecodable(type, load, e));
        }
    }

    /// What a client has received.
    public static Decoded<FromGuest> fromGuest(ExtensionFrame frame) {
        ExtensionType type = known(frame);
        if (type == null) {
            return new Decoded.UnknownType<>(frame.header().msgType(), frame.notification());
        }
        if (frame.oversized()) {
            int max = frame.notification() ? FrameLayout.REQUEST_LOAD_BYTES_MAX : FrameLayout.REPLY_LOAD_BYTES_MAX;
            return new Decoded.Unreadable<>(oversized(type, frame, max));
        }
        byte[] load = frame.load();
        if (!frame.notification() && frame.result() < 0 && load.length == 0) {
            return new Decoded.Message<>(new Refusal(type, frame.result()));
        }
        try {
            return switch (type) {
                case HANDSHAKE -> done(type, frame, HandshakeCodec.decodeReply(load));
                case EVENT_NOTIFY -> EventCodec.decodeNotify(load);
                case EVENT_ACK -> EventCodec.decodeAck(load);
                case INVENTORY -> done(type, frame, InventoryCodec.decodeReply(load));
                case EXECUTE_ONCE -> OnceCodec.decodeReply(load, frame.result());
            };
        } catch (IOException e) {
            return new Decoded.Unreadable<>(undecodable(type, load, e));
        }
    }

    /// A type is known only with the flag that belongs to it.
    private static @Nullable ExtensionType known(ExtensionFrame frame) {
        ExtensionType type = ExtensionType.ofWire(frame.header().msgType());
        return type != null && type.isNotification() == frame.notification() ? type : null;
    }

    /// Replies that say something carry result 0.
    private static Decoded<FromGuest> done(ExtensionType type, ExtensionFrame frame, Decoded<FromGuest> decoded) {
        return frame.result() == 0
                ? decoded
                : new Decoded.Unreadable<>("reply to " + type + " has result " + frame.result() + " and msg_size "
                        + frame.load().length + ", expected result 0, or a negative one with msg_size 0");
    }

    private static String oversized(ExtensionType type, ExtensionFrame frame, int max) {
        return type + " has msg_size " + Integer.toUnsignedString(frame.header().msgSize()) + ", expected at most "
                + max;
    }

    private static String undecodable(ExtensionType type, byte[] load, IOException e) {
        return type + " load of " + load.length + " bytes is not its Protobuf message: " + e.getMessage();
    }
}
