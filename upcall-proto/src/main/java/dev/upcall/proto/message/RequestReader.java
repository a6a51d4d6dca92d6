package dev.upcall.proto.message;

import static dev.upcall.proto.wire.FrameLayout.*;

import dev.upcall.proto.wire.FrameLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// Reads a plain request out of its type and load, where it came inside EXECUTE_ONCE.
///
/// Shipped kernels run whatever lies in their buffer; this reader is for guests that have none of their
/// quirks: what would crash or confuse a kernel (a CPU named twice, count 0, id 255, an MMIO load that is not
/// 24 bytes) is refused with
/// a reason, −22 to the client.
public final class RequestReader {

    /// What the bytes are. A peer's mistake is a value.
    public sealed interface Read {}

    /// A request that may be carried out.
    public record Whole(Request request) implements Read {}

    /// No operation of this service has that type: −1.
    public record NoSuchOperation(int msgType) implements Read {}

    /// The load is not one of its type: −22.
    ///
    /// @param why expected and found, ready to be shown
    public record Invalid(String why) implements Read {}

    private RequestReader() {}

    /// Reads the load of `msgType`.
    ///
    /// @param counted true for an arm64 guest, whose CPU load is only a count
    public static Read read(int msgType, byte[] load, boolean counted) {
        Operation operation = Operation.ofMsgType(msgType).orElse(Operation.CONNECT);
        int expected = switch (operation) {
            case CONNECT, ADD_MEM, DEL_MEM -> -1;
            case ADD_CPU, DEL_CPU -> counted ? ARM_CPU_LOAD_BYTES : CPU_LOAD_BYTES;
            case ADD_MMIO, DEL_MMIO -> MMIO_LOAD_BYTES;
            case ADD_PCI, DEL_PCI -> PCI_LOAD_BYTES;
        };
        if (expected < 0) {
            return new NoSuchOperation(msgType);
        }
        if (load.length != expected) {
            return new Invalid(operation + " load must be " + expected + " bytes: " + load.length);
        }
        ByteBuffer bytes = ByteBuffer.wrap(load).order(ByteOrder.LITTLE_ENDIAN);
        try {
            return new Whole(request(operation, bytes, counted));
        } catch (IllegalArgumentException e) { // the records know their bounds
            return new Invalid(String.valueOf(e.getMessage()));
        }
    }

    private static Request request(Operation operation, ByteBuffer load, boolean counted) {
        return switch (operation) {
            case ADD_CPU ->
                counted ? new Request.AddCpuCount(u8(load, CPU_COUNT_OFFSET)) : new Request.AddCpu(ids(load));
            case DEL_CPU ->
                counted ? new Request.DelCpuCount(u8(load, CPU_COUNT_OFFSET)) : new Request.DelCpu(ids(load));
            case ADD_MMIO -> new Request.AddMmio(mmio(load));
            case DEL_MMIO -> new Request.DelMmio(mmio(load));
            case ADD_PCI -> new Request.AddPci(pci(load));
            case DEL_PCI -> new Request.DelPci(pci(load));
            case CONNECT, ADD_MEM, DEL_MEM -> throw new IllegalArgumentException(operation + " has no request");
        };
    }

    private static List<ApicId> ids(ByteBuffer load) {
        int count = u8(load, CPU_COUNT_OFFSET);
        List<ApicId> ids = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            ids.add(new ApicId(u8(load, CPU_APIC_IDS_OFFSET + i)));
        }
        return ids;
    }

    private static MmioDevice mmio(ByteBuffer load) {
        return MmioDevice.of(
                FrameLayout.readLong(load, MMIO_BASE_OFFSET - REQUEST_LOAD_OFFSET),
                FrameLayout.readLong(load, MMIO_SIZE_OFFSET - REQUEST_LOAD_OFFSET),
                FrameLayout.readInt(load, MMIO_IRQ_OFFSET - REQUEST_LOAD_OFFSET));
    }

    private static PciFunction pci(ByteBuffer load) {
        return PciFunction.ofDevfn(u8(load, PCI_BUS_OFFSET), u8(load, PCI_DEVFN_OFFSET));
    }

    /// @param frameOffset where the byte stands in a frame
    private static int u8(ByteBuffer load, int frameOffset) {
        return Byte.toUnsignedInt(load.get(frameOffset - REQUEST_LOAD_OFFSET));
    }
}
