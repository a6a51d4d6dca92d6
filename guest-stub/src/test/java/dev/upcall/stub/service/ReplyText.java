package dev.upcall.stub.service;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// A reply as tests write it: `type=1 result=-5 load=0 size=0`.
final class ReplyText {
    private ReplyText() {}

    static String of(int type, int result, int load, int size) {
        return "type=" + type + " result=" + result + " load=" + load + " size=" + size;
    }

    static String of(byte[] frame) {
        ByteBuffer b = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
        if (b.getInt(0) != RequestBytes.MAGIC || b.getInt(12) != 0) {
            throw new AssertionError("magic or flags are wrong");
        }
        for (int i = 24; i < frame.length; i++) {
            if (frame[i] != 0) {
                throw new AssertionError("byte " + i + " is not zero");
            }
        }
        return of(b.getInt(8), b.getInt(16), b.getInt(20), b.getInt(4));
    }
}
