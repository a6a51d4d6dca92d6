package dev.upcall.client.cli.decode;

import dev.upcall.client.cli.decode.Explanation.Field;
import dev.upcall.proto.message.Operation;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.FrameLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Collects the fields of one frame as they are read, and what is odd about them.
final class FieldTable {
    private final ByteBuffer frame;
    private final List<Field> fields = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();

    /// @param frame 1024 bytes from position 0
    FieldTable(ByteBuffer frame) {
        this.frame = frame;
    }

    int u8(int offset) {
        return Byte.toUnsignedInt(frame.get(offset));
    }

    int u32(int offset) {
        return FrameLayout.readInt(frame, offset);
    }

    long u64(int offset) {
        return FrameLayout.readLong(frame, offset);
    }

    void field(int offset, int size, String name, Object value, String note) {
        fields.add(new Field(offset, size, name, value.toString(), note));
    }

    void remark(String sentence) {
        remarks.add(sentence);
    }

    /// Everything from here to the frame's end should be zero.
    void rest(int from) {
        for (int i = from; i < FrameLayout.FRAME_BYTES; i++) {
            if (frame.get(i) != 0) {
                field(
                        from,
                        FrameLayout.FRAME_BYTES - from,
                        "rest",
                        "0x%02x at %d".formatted(u8(i), i),
                        "expected zeros");
                remark("byte %d is 0x%02x where zeros are expected".formatted(i, u8(i)));
                return;
            }
        }
        field(from, FrameLayout.FRAME_BYTES - from, "rest", "zeros", "");
    }

    /// The first three words of every frame; `msg_size` is judged by whoever knows the message.
    void header(FrameHeader header, String sizeNote) {
        boolean right = header.magic() == FrameLayout.MAGIC;
        field(FrameLayout.MAGIC_OFFSET, 4, "magic_version", hex(header.magic()), right ? "" : "expected 0x444D0100");
        if (!right) {
            remark("wrong magic: the guest answers without running anything, with whatever result it last had");
        }
        field(FrameLayout.MSG_SIZE_OFFSET, 4, "msg_size", Integer.toUnsignedString(header.msgSize()), sizeNote);
        field(FrameLayout.MSG_TYPE_OFFSET, 4, "msg_type", type(header.msgType()), name(header.msgType()));
        field(
                FrameLayout.MSG_FLAGS_OFFSET,
                4,
                "msg_flags",
                header.msgFlags() == 0 ? "0" : hex(header.msgFlags()),
                header.msgFlags() == 0 ? "" : "shipped guests ignore flags");
    }

    List<Field> fields() {
        return fields;
    }

    List<String> remarks() {
        return remarks;
    }

    /// `ADD_CPU` for 1; what no shipped kernel knows has no name.
    static String name(int msgType) {
        return Operation.ofMsgType(msgType).map(Operation::name).orElse("unknown to shipped kernels");
    }

    static String type(int msgType) {
        return msgType >= 0 && msgType < 0x1000 ? Integer.toString(msgType) : hex(msgType);
    }

    static String hex(int value) {
        return "0x%08X".formatted(value);
    }
}
