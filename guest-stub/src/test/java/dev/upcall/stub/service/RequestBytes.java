package dev.upcall.stub.service;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Requests written from the C structures, without our own writer: it would not notice an error of ours.
final class RequestBytes {
    static final int FRAME = 1024;
    static final int MAGIC = 0x444D0100;

    private RequestBytes() {}

    static byte[] addCpu(int... ids) {
        return cpu(1, ids.length, ids);
    }

    static byte[] delCpu(int... ids) {
        return cpu(2, ids.length, ids);
    }

    /// A count of its own: 0, or more than ids follow.
    static byte[] cpu(int type, int count, int... ids) {
        ByteBuffer frame = header(MAGIC, 258, type, 0);
        frame.put((byte) count).put((byte) 0x14);
        for (int id : ids) {
            frame.put((byte) id);
        }
        return bytes(frame);
    }

    static byte[] armCpu(int type, int count) {
        return bytes(header(MAGIC, 1, type, 0).put((byte) count));
    }

    static byte[] addMmio(long base, long size, int irq) {
        return mmio(5, 24, base, size, irq);
    }

    static byte[] delMmio(long base, long size, int irq) {
        return mmio(6, 24, base, size, irq);
    }

    static byte[] mmio(int type, int msgSize, long base, long size, int irq) {
        return bytes(header(MAGIC, msgSize, type, 0).putLong(base).putLong(size).putInt(irq));
    }

    static byte[] addPci(int bus, int devfn) {
        return pci(7, bus, devfn);
    }

    static byte[] delPci(int bus, int devfn) {
        return pci(8, bus, devfn);
    }

    static byte[] ofType(int type) {
        return bytes(header(MAGIC, 0, type, 0));
    }

    static byte[] wrongMagic(int type) {
        return bytes(header(0x12345678, 0, type, 0));
    }

    private static byte[] pci(int type, int bus, int devfn) {
        return bytes(header(MAGIC, 2, type, 0).put((byte) bus).put((byte) devfn));
    }

    private static byte[] bytes(ByteBuffer frame) {
        byte[] bytes = new byte[FRAME];
        frame.get(0, bytes);
        return bytes;
    }

    private static ByteBuffer header(int magic, int msgSize, int type, int flags) {
        return ByteBuffer.allocate(FRAME)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(magic)
                .putInt(msgSize)
                .putInt(type)
                .putInt(flags);
    }
}
