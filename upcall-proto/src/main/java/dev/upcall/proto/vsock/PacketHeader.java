package dev.upcall.proto.vsock;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The 44 bytes before each packet's data, in one array that is used again for every packet: a guest's
/// header is copied here once, and every question about it is asked of the copy.
///
/// Numbers are the wire's: ports, lengths and credit are unsigned 32 bits. Not thread-safe.
public final class PacketHeader {

    public static final int SRC_CID_OFFSET = 0;
    public static final int DST_CID_OFFSET = SRC_CID_OFFSET + Long.BYTES;
    public static final int SRC_PORT_OFFSET = DST_CID_OFFSET + Long.BYTES;
    public static final int DST_PORT_OFFSET = SRC_PORT_OFFSET + Integer.BYTES;
    public static final int LEN_OFFSET = DST_PORT_OFFSET + Integer.BYTES;
    public static final int TYPE_OFFSET = LEN_OFFSET + Integer.BYTES;
    public static final int OP_OFFSET = TYPE_OFFSET + Short.BYTES;
    public static final int FLAGS_OFFSET = OP_OFFSET + Short.BYTES;
    public static final int BUF_ALLOC_OFFSET = FLAGS_OFFSET + Integer.BYTES;
    public static final int FWD_CNT_OFFSET = BUF_ALLOC_OFFSET + Integer.BYTES;
    public static final int BYTES = FWD_CNT_OFFSET + Integer.BYTES;

    /// The only type there is here; SEQPACKET (2) is not offered.
    public static final int TYPE_STREAM = 1;

    /// In a SHUTDOWN: its sender will receive no more.
    public static final int NO_MORE_RECEIVE = 1;

    /// In a SHUTDOWN: its sender will send no more.
    public static final int NO_MORE_SEND = 2;

    public static final int SHUTDOWN_BOTH = NO_MORE_RECEIVE | NO_MORE_SEND;

    private final byte[] bytes = new byte[BYTES];
    private final ByteBuffer fields = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);

    /// The bytes themselves, to be filled from a chain or copied into one.
    public byte[] array() {
        return bytes;
    }

    public long srcCid() {
        return fields.getLong(SRC_CID_OFFSET);
    }

    public long dstCid() {
        return fields.getLong(DST_CID_OFFSET);
    }

    public int srcPort() {
        return fields.getInt(SRC_PORT_OFFSET);
    }

    public int dstPort() {
        return fields.getInt(DST_PORT_OFFSET);
    }

    public int len() {
        return fields.getInt(LEN_OFFSET);
    }

    public int type() {
        return Short.toUnsignedInt(fields.getShort(TYPE_OFFSET));
    }

    public int op() {
        return Short.toUnsignedInt(fields.getShort(OP_OFFSET));
    }

    public int flags() {
        return fields.getInt(FLAGS_OFFSET);
    }

    public int bufAlloc() {
        return fields.getInt(BUF_ALLOC_OFFSET);
    }

    public int fwdCnt() {
        return fields.getInt(FWD_CNT_OFFSET);
    }

    public PacketHeader from(long cid, int port) {
        fields.putLong(SRC_CID_OFFSET, cid).putInt(SRC_PORT_OFFSET, port);
        return this;
    }

    public PacketHeader to(long cid, int port) {
        fields.putLong(DST_CID_OFFSET, cid).putInt(DST_PORT_OFFSET, port);
        return this;
    }

    public PacketHeader says(int type, int op, int flags, int len) {
        fields.putShort(TYPE_OFFSET, (short) type)
                .putShort(OP_OFFSET, (short) op)
                .putInt(FLAGS_OFFSET, flags)
                .putInt(LEN_OFFSET, len);
        return this;
    }

    public PacketHeader credits(int bufAlloc, int fwdCnt) {
        fields.putInt(BUF_ALLOC_OFFSET, bufAlloc).putInt(FWD_CNT_OFFSET, fwdCnt);
        return this;
    }

    /// The fields under the protocol's names.
    @Override
    public String toString() {
        PacketOp op = PacketOp.of(op());
        return "%s %s:%s → %s:%s len=%s type=%d flags=0x%x buf_alloc=%s fwd_cnt=%s"
                .formatted(
                        op == null ? "op " + op() : op,
                        Long.toUnsignedString(srcCid()),
                        Integer.toUnsignedString(srcPort()),
                        Long.toUnsignedString(dstCid()),
                        Integer.toUnsignedString(dstPort()),
                        Integer.toUnsignedString(len()),
                        type(),
                        flags(),
                        Integer.toUnsignedString(bufAlloc()),
                        Integer.toUnsignedString(fwdCnt()));
    }
}
