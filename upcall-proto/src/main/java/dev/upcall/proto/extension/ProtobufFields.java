package dev.upcall.proto.extension;

import com.google.protobuf.CodedInputStream;
import dev.upcall.proto.wire.FrameLayout;
import java.io.IOException;
import java.nio.ByteBuffer;

/// The fields of a Protobuf message, written where they will be read.
///
/// For the messages that every request and every event costs: the generated classes make a builder, a message and
/// three arrays for each. They stay the measure: a test holds every byte against theirs, and every reading of
/// bytes at random.
///
/// Each method is told where it shall write, and returns where it has ended. Fields are to be written in ascending
/// order; as proto3 wants it, a number that is 0 and bytes that are none are left out.
final class ProtobufFields {

    /// Wire types: the low three bits of a tag, `field number << 3 | wire type`.
    static final int VARINT = 0;

    static final int FIXED64 = 1;
    static final int BYTES = 2;

    private static final int VARINT_BITS = 7;
    private static final int VARINT_MASK = 0x7F;
    private static final int VARINT_MORE = 0x80;

    private ProtobufFields() {}

    static int fixed64(int tag, long value, ByteBuffer buffer, int at) {
        if (value == 0) {
            return at;
        }
        int end = bare(tag, buffer, at);
        FrameLayout.writeLong(buffer, end, value);
        return end + Long.BYTES;
    }

    /// @param value unsigned
    static int varint(int tag, long value, ByteBuffer buffer, int at) {
        return value == 0 ? at : bare(value, buffer, bare(tag, buffer, at));
    }

    static int bytes(int tag, byte[] value, ByteBuffer buffer, int at) {
        return value.length == 0 ? at : message(tag, value, buffer, at);
    }

    /// A message within the message, which is there also when it is empty.
    static int message(int tag, byte[] value, ByteBuffer buffer, int at) {
        int end = bare(value.length, buffer, bare(tag, buffer, at));
        buffer.put(end, value);
        return end + value.length;
    }

    /// A field that nobody here knows.
    ///
    /// @throws IOException also for the end of a group that has not begun
    static void skip(CodedInputStream in, int tag) throws IOException {
        if (!in.skipField(tag)) {
            in.checkLastTagWas(0);
        }
    }

    private static int bare(long value, ByteBuffer buffer, int at) {
        int end = at;
        long rest = value;
        while ((rest & ~VARINT_MASK) != 0) {
            buffer.put(end++, (byte) ((rest & VARINT_MASK) | VARINT_MORE));
            rest >>>= VARINT_BITS;
        }
        buffer.put(end++, (byte) rest);
        return end;
    }
}
