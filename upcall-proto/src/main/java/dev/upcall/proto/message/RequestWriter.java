package dev.upcall.proto.message;

import static dev.upcall.proto.wire.FrameLayout.*;

import dev.upcall.proto.wire.FrameLayout;
import java.nio.ByteBuffer;
import java.util.List;

/// Writes a request as the 1024 bytes that shipped kernels read.
public final class RequestWriter {

    private RequestWriter() {}

    /// Clears and fills the 1024 bytes at `base`; position and limit of the buffer stay as they are.
    public static void write(Request request, ByteBuffer buffer, int base) {
        switch (request) {
            case Request.AddCpu r -> writeApicIds(r, r.ids(), buffer, base);
            case Request.DelCpu r -> writeApicIds(r, r.ids(), buffer, base);
            case Request.AddCpuCount r -> writeCount(r, r.count(), buffer, base);
            case Request.DelCpuCount r -> writeCount(r, r.count(), buffer, base);
            case Request.AddMmio r -> writeMmio(r, r.device(), buffer, base);
            case Request.DelMmio r -> writeMmio(r, r.device(), buffer, base);
            case Request.AddPci r -> writePci(r, r.function(), buffer, base);
            case Request.DelPci r -> writePci(r, r.function(), buffer, base);
        }
    }

    /// The frame as a fresh array: for tools and tests, not for the data path.
    public static byte[] toBytes(Request request) {
        byte[] frame = new byte[FRAME_BYTES];
        write(request, ByteBuffer.wrap(frame), 0);
        return frame;
    }

    private static void writeApicIds(Request request, List<ApicId> ids, ByteBuffer buffer, int base) {
        writeHeader(buffer, base, request.operation().msgType(), CPU_LOAD_BYTES, 0);
        buffer.put(base + CPU_COUNT_OFFSET, (byte) ids.size());
        buffer.put(base + CPU_APIC_VERSION_OFFSET, APIC_VERSION);
        for (int i = 0; i < ids.size(); i++) {
            buffer.put(base + CPU_APIC_IDS_OFFSET + i, (byte) ids.get(i).value());
        }
    }

    private static void writeCount(Request request, int count, ByteBuffer buffer, int base) {
        writeHeader(buffer, base, request.operation().msgType(), ARM_CPU_LOAD_BYTES, 0);
        buffer.put(base + CPU_COUNT_OFFSET, (byte) count);
    }

    private static void writeMmio(Request request, MmioDevice device, ByteBuffer buffer, int base) {
        writeHeader(buffer, base, request.operation().msgType(), MMIO_LOAD_BYTES, 0);
        FrameLayout.writeLong(buffer, base + MMIO_BASE_OFFSET, device.window().base());
        FrameLayout.writeLong(buffer, base + MMIO_SIZE_OFFSET, device.window().size());
        FrameLayout.writeInt(buffer, base + MMIO_IRQ_OFFSET, device.irq().value());
    }

    private static void writePci(Request request, PciFunction function, ByteBuffer buffer, int base) {
        writeHeader(buffer, base, request.operation().msgType(), PCI_LOAD_BYTES, 0);
        buffer.put(base + PCI_BUS_OFFSET, (byte) function.bus());
        buffer.put(base + PCI_DEVFN_OFFSET, (byte) function.devfn());
    }
}
