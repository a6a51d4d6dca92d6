package dev.upcall.proto.vhostuser;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// What a back-end answers: the request's code again, flags 0x5 (version 1, reply), and a payload.
public sealed interface Answer {

    /// A reply's flags.
    int FLAGS = MessageLayout.VERSION | MessageLayout.REPLY_FLAG;

    /// The code of the request that is answered.
    int code();

    /// Features, the number of queues, or an acknowledgement: 0 for done, anything else for an error.
    record Value(int code, long value) implements Answer {}

    /// Where a ring stood when it was stopped.
    record RingBase(int ring, int base) implements Answer {
        @Override
        public int code() {
            return RequestCode.GET_VRING_BASE.code();
        }
    }

    /// A vsock device's configuration space, the guest's CID as u64, from `offset` for `size` bytes.
    record Configuration(int offset, int size, int flags, long cid) implements Answer {
        /// `guest_cid` is all that a vsock device has.
        static final int SPACE_BYTES = Long.BYTES;

        public Configuration {
            if (offset < 0 || size < 0 || size > SPACE_BYTES - offset) {
                throw new IllegalArgumentException(
                        "the configuration space has " + SPACE_BYTES + " bytes: offset " + offset + ", size " + size);
            }
        }

        @Override
        public int code() {
            return RequestCode.GET_CONFIG.code();
        }
    }

    /// No such part of the configuration space: the specification's answer is one without a payload.
    record NoConfiguration() implements Answer {
        @Override
        public int code() {
            return RequestCode.GET_CONFIG.code();
        }
    }

    /// The bytes to write, at once.
    default ByteBuffer encode() {
        int size = switch (this) {
            case Value _ -> MessageLayout.U64_BYTES;
            case RingBase _ -> MessageLayout.RING_STATE_BYTES;
            case Configuration c -> MessageLayout.CONFIG_HEAD_BYTES + c.size();
            case NoConfiguration _ -> 0;
        };
        ByteBuffer bytes =
                ByteBuffer.allocate(MessageLayout.HEADER_BYTES + size).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(code()).putInt(FLAGS).putInt(size);
        switch (this) {
            case Value a -> bytes.putLong(a.value());
            case RingBase a -> bytes.putInt(a.ring()).putInt(a.base());
            case Configuration a -> {
                bytes.putInt(a.offset()).putInt(a.size()).putInt(a.flags());
                for (int i = a.offset(); i < a.offset() + a.size(); i++) {
                    bytes.put((byte) (a.cid() >>> (Byte.SIZE * i)));
                }
            }
            case NoConfiguration _ -> {}
        }
        return bytes.flip();
    }
}
