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
        writeHeader(buffer, base, request.operation().msgType(), loadBytes(request), 0);
        writeLoad(request, buffer, base);
    }

    /// The frame as a fresh array: for tools and tests, not for the data path.
    public static byte[] toBytes(Request request) {
        byte[] frame = new byte[FRAME_BYTES];
        write(request, ByteBuffer.wrap(frame), 0);
        return frame;
    }

    /// The load alone, `msg_size` bytes in a fresh array: what EXECUTE_ONCE carries, without the making of a frame.
    public static byte[] load(Request request) {
        byte[] load = new byte[loadBytes(request)];
        writeLoad(request, ByteBuffer.wrap(load), -REQUEST_LOAD_OFFSET);
        return load;
    }

    private static int loadBytes(Request request) {
        return switch (request) {
            case Request.AddCpu _, Request.DelCpu _ -> CPU_LOAD_BYTES;
            case Request.AddCpuCount _, Request.DelCpuCount _ -> ARM_CPU_LOAD_BYTES;
            case Request.AddMmio _, Request.DelMmio _ -> MMIO_LOAD_BYTES;
            case Request.AddPci _, Request.DelPci _ -> PCI_LOAD_BYTES;
        };
    }

    /// Into zeros.
    ///
    /// @param base where the frame starts, or would start
    private static void writeLoad(Request request, ByteBuffer buffer, int base) {
        switch (request) {
            case Request.AddCpu r -> writeApicIds(r.ids(), buffer, base);
            case Request.DelCpu r -> writeApicIds(r.ids(), buffer, base);
            case Request.AddCpuCount r -> buffer.put(base + CPU_COUNT_OFFSET, (byte) r.count());
            case Request.DelCpuCount r -> buffer.put(base + CPU_COUNT_OFFSET, (byte) r.count());
            case Request.AddMmio r -> writeMmio(r.device(), buffer, base);
            case Request.DelMmio r -> writeMmio(r.device(), buffer, base);
            case Request.AddPci r -> writePci(r.function(), buffer, base);
            case Request.DelPci r -> writePci(r.function(), buffer, base);
        }
    }

    private static void writeApicIds(List<ApicId> ids, ByteBuffer buffer, int base) {
        buffer.put(base + CPU_COUNT_OFFSET, (byte) ids.size());
        buffer.put(base + CPU_APIC_VERSION_OFFSET, APIC_VERSION);
        for (int i = 0; i < ids.size(); i++) {
            buffer.put(base + CPU_APIC_IDS_OFFSET + i, (byte) ids.get(i).value());
        }
    }

    private static void writeMmio(MmioDevice device, ByteBuffer buffer, int base) {
        FrameLayout.writeLong(buffer, base + MMIO_BASE_OFFSET, device.window().base());
        FrameLayout.writeLong(buffer, base + MMIO_SIZE_OFFSET, device.window().size());
        FrameLayout.writeInt(buffer, base + MMIO_IRQ_OFFSET, device.irq().value());
    }

    private static void writePci(PciFunction function, ByteBuffer buffer, int base) {
        buffer.put(base + PCI_BUS_OFFSET, (byte) function.bus());
        buffer.put(base + PCI_DEVFN_OFFSET, (byte) function.devfn());
    }
}
