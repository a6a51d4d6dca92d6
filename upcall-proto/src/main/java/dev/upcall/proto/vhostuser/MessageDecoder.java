package dev.upcall.proto.vhostuser;

import dev.upcall.proto.vhostuser.Decoded.Malformed;
import dev.upcall.proto.vhostuser.Decoded.Understood;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Bytes to [Message]: sizes, ranges, and how many descriptors ride along. Nothing about order.
final class MessageDecoder {

    /// Where no number of descriptors is wrong.
    private static final int ANY = -1;

    private MessageDecoder() {}

    /// What is wrong with a header, as soon as its twelve bytes are there.
    static Optional<Malformed> fault(ByteBuffer bytes) {
        int code = bytes.getInt(MessageLayout.REQUEST_OFFSET);
        int flags = bytes.getInt(MessageLayout.FLAGS_OFFSET);
        int size = bytes.getInt(MessageLayout.SIZE_OFFSET);
        if ((flags & MessageLayout.VERSION_MASK) != MessageLayout.VERSION) {
            return malformed(code, "expected version 1 in the flags, found 0x%x".formatted(flags));
        }
        if ((flags & MessageLayout.REPLY_FLAG) != 0) {
            return malformed(code, "expected a request, found a reply (flags 0x%x)".formatted(flags));
        }
        if (size < 0 || size > MessageLayout.PAYLOAD_BYTES_MAX) {
            return malformed(
                    code,
                    "expected at most " + MessageLayout.PAYLOAD_BYTES_MAX + " bytes of payload, found "
                            + Integer.toUnsignedString(size));
        }
        return Optional.empty();
    }

    /// Reads the whole message that starts at 0. The buffer is little-endian.
    static Decoded decode(ByteBuffer bytes, int fds) {
        int code = bytes.getInt(MessageLayout.REQUEST_OFFSET);
        int size = bytes.getInt(MessageLayout.SIZE_OFFSET);
        boolean needReply = (bytes.getInt(MessageLayout.FLAGS_OFFSET) & MessageLayout.NEED_REPLY_FLAG) != 0;
        try {
            Message message = message(code, bytes, size);
            int wanted = descriptors(message);
            if (wanted != ANY && wanted != fds) {
                throw new IllegalArgumentException("expected " + wanted + " descriptors, found " + fds);
            }
            return new Understood(code, message, needReply);
        } catch (IllegalArgumentException e) {
            // The records check themselves; here the values are the front-end's, so it is no mistake of our caller.
            return new Malformed(RequestCode.nameOf(code) + ": " + e.getMessage());
        }
    }

    private static Message message(int code, ByteBuffer bytes, int size) {
        Optional<RequestCode> known = RequestCode.of(code);
        if (known.isEmpty()) {
            return new Message.Unknown(code);
        }
        return switch (known.get()) {
            case GET_FEATURES -> empty(size, new Message.GetFeatures());
            case SET_FEATURES -> new Message.SetFeatures(u64(bytes, size));
            case SET_OWNER -> empty(size, new Message.SetOwner());
            case RESET_OWNER -> empty(size, new Message.ResetOwner());
            case SET_MEM_TABLE -> new Message.SetMemTable(regions(bytes, size));
            case SET_VRING_NUM -> new Message.SetVringNum(ring(bytes, size), number(bytes));
            case SET_VRING_ADDR -> address(bytes, size);
            case SET_VRING_BASE -> new Message.SetVringBase(ring(bytes, size), number(bytes));
            case GET_VRING_BASE -> new Message.GetVringBase(ring(bytes, size));
            case SET_VRING_KICK -> new Message.SetVringKick(fdRing(bytes, size), hasFd(bytes));
            case SET_VRING_CALL -> new Message.SetVringCall(fdRing(bytes, size), hasFd(bytes));
            case SET_VRING_ERR -> new Message.SetVringErr(fdRing(bytes, size), hasFd(bytes));
            case GET_PROTOCOL_FEATURES -> empty(size, new Message.GetProtocolFeatures());
            case SET_PROTOCOL_FEATURES -> new Message.SetProtocolFeatures(u64(bytes, size));
            case GET_QUEUE_NUM -> empty(size, new Message.GetQueueNum());
            case SET_VRING_ENABLE -> enable(bytes, size);
            case GET_CONFIG -> config(bytes, size);
            case SET_CONFIG -> new Message.SetConfig();
            case SET_LOG_BASE, SET_LOG_FD, SEND_RARP, NET_SET_MTU -> new Message.Unknown(code);
            case SET_BACKEND_REQ_FD, GET_INFLIGHT_FD, SET_INFLIGHT_FD, RESET_DEVICE -> new Message.Unknown(code);
        };
    }

    private static int descriptors(Message message) {
        return switch (message) {
            case Message.SetMemTable m -> m.regions().size();
            case Message.SetVringKick m -> m.descriptor() ? 1 : 0;
            case Message.SetVringCall m -> m.descriptor() ? 1 : 0;
            case Message.SetVringErr m -> m.descriptor() ? 1 : 0;
            case Message.Unknown _ -> ANY;
            case Message.GetFeatures _, Message.SetFeatures _, Message.SetOwner _, Message.ResetOwner _ -> 0;
            case Message.GetProtocolFeatures _, Message.SetProtocolFeatures _, Message.GetQueueNum _ -> 0;
            case Message.SetVringNum _, Message.SetVringAddr _, Message.SetVringBase _, Message.GetVringBase _ -> 0;
            case Message.SetVringEnable _, Message.GetConfig _, Message.SetConfig _ -> 0;
        };
    }

    private static Message enable(ByteBuffer bytes, int size) {
        int ring = ring(bytes, size);
        int value = number(bytes);
        if (value != 0 && value != 1) {
            throw new IllegalArgumentException("expected 0 or 1, found " + Integer.toUnsignedString(value));
        }
        return new Message.SetVringEnable(ring, value == 1);
    }

    private static Message address(ByteBuffer bytes, int size) {
        exactly(MessageLayout.RING_ADDRESS_BYTES, size);
        int longs = MessageLayout.PAYLOAD_OFFSET + 2 * Integer.BYTES;
        return new Message.SetVringAddr(
                bytes.getInt(MessageLayout.PAYLOAD_OFFSET),
                bytes.getInt(MessageLayout.PAYLOAD_OFFSET + Integer.BYTES),
                bytes.getLong(longs),
                bytes.getLong(longs + Long.BYTES),
                bytes.getLong(longs + 2 * Long.BYTES),
                bytes.getLong(longs + 3 * Long.BYTES));
    }

    private static List<MemoryRegion> regions(ByteBuffer bytes, int size) {
        if (size < MessageLayout.TABLE_HEAD_BYTES) {
            throw new IllegalArgumentException("expected a memory table, found " + size + " bytes");
        }
        int count = bytes.getInt(MessageLayout.PAYLOAD_OFFSET);
        if (count < 1 || count > MessageLayout.FDS_MAX) {
            throw new IllegalArgumentException("expected 1 to " + MessageLayout.FDS_MAX + " memory regions, found "
                    + Integer.toUnsignedString(count));
        }
        exactly(MessageLayout.TABLE_HEAD_BYTES + count * MessageLayout.REGION_BYTES, size);
        List<MemoryRegion> regions = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int at = MessageLayout.PAYLOAD_OFFSET + MessageLayout.TABLE_HEAD_BYTES + i * MessageLayout.REGION_BYTES;
            regions.add(new MemoryRegion(
                    bytes.getLong(at),
                    bytes.getLong(at + Long.BYTES),
                    bytes.getLong(at + 2 * Long.BYTES),
                    bytes.getLong(at + 3 * Long.BYTES)));
        }
        return regions;
    }

    private static Message config(ByteBuffer bytes, int size) {
        if (size < MessageLayout.CONFIG_HEAD_BYTES) {
            throw new IllegalArgumentException(
                    "expected at least " + MessageLayout.CONFIG_HEAD_BYTES + " bytes of payload, found " + size);
        }
        int wanted = bytes.getInt(MessageLayout.PAYLOAD_OFFSET + Integer.BYTES);
        Message.GetConfig config = new Message.GetConfig(
                bytes.getInt(MessageLayout.PAYLOAD_OFFSET),
                wanted,
                bytes.getInt(MessageLayout.PAYLOAD_OFFSET + 2 * Integer.BYTES));
        exactly(MessageLayout.CONFIG_HEAD_BYTES + wanted, size);
        return config;
    }

    private static Message empty(int size, Message message) {
        exactly(0, size);
        return message;
    }

    private static long u64(ByteBuffer bytes, int size) {
        exactly(MessageLayout.U64_BYTES, size);
        return bytes.getLong(MessageLayout.PAYLOAD_OFFSET);
    }

    private static int ring(ByteBuffer bytes, int size) {
        exactly(MessageLayout.RING_STATE_BYTES, size);
        return bytes.getInt(MessageLayout.PAYLOAD_OFFSET);
    }

    private static int number(ByteBuffer bytes) {
        return bytes.getInt(MessageLayout.PAYLOAD_OFFSET + Integer.BYTES);
    }

    private static int fdRing(ByteBuffer bytes, int size) {
        return (int) (u64(bytes, size) & MessageLayout.RING_INDEX_MASK);
    }

    private static boolean hasFd(ByteBuffer bytes) {
        return (bytes.getLong(MessageLayout.PAYLOAD_OFFSET) & MessageLayout.NO_DESCRIPTOR_BIT) == 0;
    }

    private static void exactly(int expected, int size) {
        if (size != expected) {
            throw new IllegalArgumentException("expected " + expected + " bytes of payload, found " + size);
        }
    }

    private static Optional<Malformed> malformed(int code, String what) {
        return Optional.of(new Malformed(RequestCode.nameOf(code) + ": " + what));
    }
}
