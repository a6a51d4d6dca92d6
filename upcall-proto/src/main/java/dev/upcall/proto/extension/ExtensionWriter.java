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
        int flags = message instanceof Notification ? FrameLayout.FLAG_NOTIFICATION : 0;
        FrameLayout.writeHeader(buffer, base, message.type().msgType(), 0, flags);
        int at = base + FrameLayout.REQUEST_LOAD_OFFSET;
        if (message instanceof ExtensionReply reply) {
            FrameLayout.writeInt(buffer, base + FrameLayout.RESULT_OFFSET, reply.result());
            at = base + FrameLayout.REPLY_LOAD_OFFSET;
        }
        int max = base + FrameLayout.FRAME_BYTES - at;
        int size = writeLoad(message, buffer, at, max) - at;
        // The records' bounds add up to less; this is what says so should one of them be raised.
        Bounds.requireSize("load", size, max);
        FrameLayout.writeInt(buffer, base + FrameLayout.MSG_SIZE_OFFSET, size);
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

    /// @return where the load ends
    private static int writeLoad(ExtensionMessage message, ByteBuffer buffer, int at, int max) {
        return switch (message) {
            case Refusal _ -> at;
            case ExecuteOnce m -> OnceCodec.write(m, buffer, at);
            case OnceReply m -> OnceCodec.write(m, buffer, at);
            case EventNotify m -> EventCodec.write(m, buffer, at);
            case EventAck m -> EventCodec.write(m, buffer, at);
            case Handshake m -> put(HandshakeCodec.encode(m), buffer, at, max);
            case HandshakeReply m -> put(HandshakeCodec.encode(m), buffer, at, max);
            case InventoryRequest m -> put(InventoryCodec.encode(m), buffer, at, max);
            case InventoryPage m -> put(InventoryCodec.encode(m), buffer, at, max);
        };
    }

    private static int put(MessageLite message, ByteBuffer buffer, int at, int max) {
        byte[] load = message.toByteArray();
        Bounds.requireSize("load", load.length, max);
        buffer.put(at, load);
        return at + load.length;
    }
}
