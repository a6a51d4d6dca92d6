package dev.upcall.proto.extension;

import static dev.upcall.proto.extension.ProtobufFields.BYTES;
import static dev.upcall.proto.extension.ProtobufFields.FIXED64;
import static dev.upcall.proto.extension.ProtobufFields.VARINT;

import com.google.protobuf.CodedInputStream;
import dev.upcall.proto.message.Reply;
import dev.upcall.proto.wire.FrameLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalInt;

/// EXECUTE_ONCE between records and Protobuf, field by field: every request costs one of each.
final class OnceCodec {

    private static final byte[] NOTHING = {};

    private OnceCodec() {}

    /// Tags of `v1.ExecuteOnce`.
    private static final class Asked {
        private static final int CLIENT_EPOCH =
                (dev.upcall.proto.extension.v1.ExecuteOnce.CLIENT_EPOCH_FIELD_NUMBER << 3) | FIXED64;
        private static final int REQUEST_ID =
                (dev.upcall.proto.extension.v1.ExecuteOnce.REQUEST_ID_FIELD_NUMBER << 3) | VARINT;
        private static final int ACKNOWLEDGED_ID =
                (dev.upcall.proto.extension.v1.ExecuteOnce.ACKNOWLEDGED_ID_FIELD_NUMBER << 3) | VARINT;
        private static final int MSG_TYPE =
                (dev.upcall.proto.extension.v1.ExecuteOnce.MSG_TYPE_FIELD_NUMBER << 3) | VARINT;
        private static final int LOAD = (dev.upcall.proto.extension.v1.ExecuteOnce.LOAD_FIELD_NUMBER << 3) | BYTES;
    }

    /// Tags of `v1.OnceReply`.
    private static final class Answered {
        private static final int REQUEST_ID =
                (dev.upcall.proto.extension.v1.OnceReply.REQUEST_ID_FIELD_NUMBER << 3) | VARINT;
        private static final int REPLAYED =
                (dev.upcall.proto.extension.v1.OnceReply.REPLAYED_FIELD_NUMBER << 3) | VARINT;
        private static final int MSG_SIZE =
                (dev.upcall.proto.extension.v1.OnceReply.MSG_SIZE_FIELD_NUMBER << 3) | VARINT;
        private static final int LOAD = (dev.upcall.proto.extension.v1.OnceReply.LOAD_FIELD_NUMBER << 3) | BYTES;
    }

    /// @return where the load ends
    static int write(ExecuteOnce request, ByteBuffer buffer, int at) {
        int end =
                ProtobufFields.fixed64(Asked.CLIENT_EPOCH, request.clientEpoch().value(), buffer, at);
        end = ProtobufFields.varint(Asked.REQUEST_ID, request.requestId(), buffer, end);
        end = ProtobufFields.varint(Asked.ACKNOWLEDGED_ID, request.acknowledgedId(), buffer, end);
        end = ProtobufFields.varint(Asked.MSG_TYPE, Integer.toUnsignedLong(request.msgType()), buffer, end);
        return ProtobufFields.bytes(Asked.LOAD, request.load().shared(), buffer, end);
    }

    static Decoded<FromHost> decodeRequest(byte[] bytes) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(bytes);
        long clientEpoch = 0;
        long requestId = 0;
        long acknowledgedId = 0;
        int msgType = 0;
        byte[] load = NOTHING;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case Asked.CLIENT_EPOCH -> clientEpoch = in.readFixed64();
                case Asked.REQUEST_ID -> requestId = in.readUInt64();
                case Asked.ACKNOWLEDGED_ID -> acknowledgedId = in.readUInt64();
                case Asked.MSG_TYPE -> msgType = in.readUInt32();
                case Asked.LOAD -> load = in.readByteArray();
                default -> ProtobufFields.skip(in, tag);
            }
        }
        try {
            return new Decoded.Message<>(
                    new ExecuteOnce(new Epoch(clientEpoch), requestId, acknowledgedId, msgType, Bytes.owning(load)));
        } catch (IllegalArgumentException e) {
            return faulty(clientEpoch, e);
        }
    }

    /// @return where the load ends
    static int write(OnceReply reply, ByteBuffer buffer, int at) {
        OptionalInt word = reply.answer().word();
        int end = ProtobufFields.varint(Answered.REQUEST_ID, reply.requestId(), buffer, at);
        end = ProtobufFields.varint(Answered.REPLAYED, reply.replayed() ? 1 : 0, buffer, end);
        if (word.isEmpty()) {
            return end;
        }
        byte[] load = new byte[FrameLayout.CPU_REPLY_LOAD_BYTES];
        FrameLayout.writeInt(ByteBuffer.wrap(load), 0, word.getAsInt());
        end = ProtobufFields.varint(Answered.MSG_SIZE, load.length, buffer, end);
        return ProtobufFields.bytes(Answered.LOAD, load, buffer, end);
    }

    static Decoded<FromGuest> decodeReply(byte[] bytes, int result) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(bytes);
        long requestId = 0;
        boolean replayed = false;
        int msgSize = 0;
        byte[] load = NOTHING;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case Answered.REQUEST_ID -> requestId = in.readUInt64();
                case Answered.REPLAYED -> replayed = in.readBool();
                case Answered.MSG_SIZE -> msgSize = in.readUInt32();
                case Answered.LOAD -> load = in.readByteArray();
                default -> ProtobufFields.skip(in, tag);
            }
        }
        try {
            return new Decoded.Message<>(
                    new OnceReply(requestId, replayed, Reply.Answer.of(result, word(msgSize, load))));
        } catch (IllegalArgumentException e) {
            return faulty(0, e);
        }
    }

    private static OptionalInt word(int msgSize, byte[] load) {
        if (msgSize != load.length || (msgSize != 0 && msgSize != FrameLayout.CPU_REPLY_LOAD_BYTES)) {
            throw new IllegalArgumentException("the outcome's msg_size must be 0 or 4 and its load as long: msg_size "
                    + Integer.toUnsignedString(msgSize) + ", load " + load.length + " bytes");
        }
        return msgSize == 0 ? OptionalInt.empty() : OptionalInt.of(FrameLayout.readInt(ByteBuffer.wrap(load), 0));
    }

    private static <M extends ExtensionMessage> Decoded<M> faulty(long clientEpoch, IllegalArgumentException e) {
        return new Decoded.Faulty<>(
                ExtensionType.EXECUTE_ONCE, Decoded.Claim.OTHER, clientEpoch, String.valueOf(e.getMessage()));
    }
}
