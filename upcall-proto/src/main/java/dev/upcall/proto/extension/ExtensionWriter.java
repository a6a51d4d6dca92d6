package dev.upcall.proto.extension;

import com.google.protobuf.MessageLite;
import dev.upcall.proto.wire.FrameLayout;
import java.nio.ByteBuffer;

/// Writes a message of the extensions as its 1024 bytes: header, for a reply the result, the Protobuf load,
/// zeros.
public final class ExtensionWriter {

    private ExtensionWriter() {}

    /// Clears and fills the 1024 bytes at `base`; position and limit of the buffer stay as they are.
    public static void write(ExtensionMessage message, ByteBuffer buffer, int base) {
        switch (message) {
            case Notification m -> load(message, FrameLayout.FLAG_NOTIFICATION, buffer, base);
            case ExtensionRequest m -> load(message, 0, buffer, base);
            case ExtensionReply m -> {
                byte[] load = encode(message);
                FrameLayout.writeHeader(buffer, base, message.type().msgType(), load.length, 0);
                FrameLayout.writeInt(buffer, base + FrameLayout.RESULT_OFFSET, m.result());
                buffer.put(base + FrameLayout.REPLY_LOAD_OFFSET, within(load, FrameLayout.REPLY_LOAD_BYTES_MAX));
            }
        }
    }

    /// A reply without a load, to a request of any type: also one that nobody here knows.
    public static void writeRefusal(int msgType, int result, ByteBuffer buffer, int base) {
        FrameLayout.writeHeader(buffer, base, msgType, 0, 0);
        FrameLayout.writeInt(buffer, base + FrameLayout.RESULT_OFFSET, result);
    }

    /// The frame as a fresh array.
    public static byte[] toBytes(ExtensionMessage message) {
        byte[] frame = new byte[FrameLayout.FRAME_BYTES];
        write(message, ByteBuffer.wrap(frame), 0);
        return frame;
    }

    private static void load(ExtensionMessage message, int flags, ByteBuffer buffer, int base) {
        byte[] load = encode(message);
        FrameLayout.writeHeader(buffer, base, message.type().msgType(), load.length, flags);
        buffer.put(base + FrameLayout.REQUEST_LOAD_OFFSET, within(load, FrameLayout.REQUEST_LOAD_BYTES_MAX));
    }

    private static byte[] encode(ExtensionMessage message) {
        return switch (message) {
            case Refusal _ -> new byte[0];
            case Handshake m -> bytes(HandshakeCodec.encode(m));
            case HandshakeReply m -> bytes(HandshakeCodec.encode(m));
            case EventNotify m -> bytes(EventCodec.encode(m));
            case EventAck m -> bytes(EventCodec.encode(m));
            case InventoryRequest m -> bytes(InventoryCodec.encode(m));
            case InventoryPage m -> bytes(InventoryCodec.encode(m));
            case ExecuteOnce m -> bytes(OnceCodec.encode(m));
            case OnceReply m -> bytes(OnceCodec.encode(m));
        };
    }

    private static byte[] bytes(MessageLite message) {
        return message.toByteArray();
    }

    /// The records' bounds add up to less; this is what says so should one of them be raised.
    private static byte[] within(byte[] load, int max) {
        Bounds.requireSize("load", load.length, max);
        return load;
    }
}
