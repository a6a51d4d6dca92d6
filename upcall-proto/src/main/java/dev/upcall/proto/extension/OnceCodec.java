package dev.upcall.proto.extension;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.upcall.proto.message.Reply;
import dev.upcall.proto.wire.FrameLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalInt;

/// EXECUTE_ONCE between records and Protobuf.
final class OnceCodec {

    private OnceCodec() {}

    static dev.upcall.proto.extension.v1.ExecuteOnce encode(ExecuteOnce request) {
        return dev.upcall.proto.extension.v1.ExecuteOnce.newBuilder()
                .setClientEpoch(request.clientEpoch().value())
                .setRequestId(request.requestId())
                .setAcknowledgedId(request.acknowledgedId())
                .setMsgType(request.msgType())
                .setLoad(ByteString.copyFrom(request.load().shared()))
                .build();
    }

    static Decoded<FromHost> decodeRequest(byte[] bytes) throws InvalidProtocolBufferException {
        var load = dev.upcall.proto.extension.v1.ExecuteOnce.parseFrom(bytes);
        try {
            return new Decoded.Message<>(new ExecuteOnce(
                    new Epoch(load.getClientEpoch()),
                    load.getRequestId(),
                    load.getAcknowledgedId(),
                    load.getMsgType(),
                    Bytes.owning(load.getLoad().toByteArray())));
        } catch (IllegalArgumentException e) {
            return faulty(load.getClientEpoch(), e);
        }
    }

    static dev.upcall.proto.extension.v1.OnceReply encode(OnceReply reply) {
        OptionalInt word = reply.answer().word();
        byte[] load = word.isEmpty()
                ? new byte[0]
                : ByteBuffer.allocate(FrameLayout.CPU_REPLY_LOAD_BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(word.getAsInt())
                        .array();
        return dev.upcall.proto.extension.v1.OnceReply.newBuilder()
                .setRequestId(reply.requestId())
                .setReplayed(reply.replayed())
                .setMsgSize(load.length)
                .setLoad(ByteString.copyFrom(load))
                .build();
    }

    static Decoded<FromGuest> decodeReply(byte[] bytes, int result) throws InvalidProtocolBufferException {
        var load = dev.upcall.proto.extension.v1.OnceReply.parseFrom(bytes);
        try {
            return new Decoded.Message<>(new OnceReply(
                    load.getRequestId(),
                    load.getReplayed(),
                    new Reply.Answer(result, word(load.getMsgSize(), load.getLoad()))));
        } catch (IllegalArgumentException e) {
            return faulty(0, e);
        }
    }

    private static OptionalInt word(int msgSize, ByteString load) {
        if (msgSize != load.size() || (msgSize != 0 && msgSize != FrameLayout.CPU_REPLY_LOAD_BYTES)) {
            throw new IllegalArgumentException("the outcome's msg_size must be 0 or 4 and its load as long: msg_size "
                    + Integer.toUnsignedString(msgSize) + ", load " + load.size() + " bytes");
        }
        return msgSize == 0
                ? OptionalInt.empty()
                : OptionalInt.of(load.asReadOnlyByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .getInt());
    }

    private static <M extends ExtensionMessage> Decoded<M> faulty(long clientEpoch, IllegalArgumentException e) {
        return new Decoded.Faulty<>(
                ExtensionType.EXECUTE_ONCE, Decoded.Claim.OTHER, clientEpoch, String.valueOf(e.getMessage()));
    }
}
