package dev.upcall.stub.kernel;

import dev.upcall.proto.guest.CpuModel;
import dev.upcall.proto.message.Operation;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.FrameLayout;
import dev.upcall.stub.machine.GuestRequest;
import dev.upcall.stub.machine.Machine;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A connection's 1024 bytes of request, zero at connect and never cleared: what is not overwritten is still there.
public final class RequestBuffer {

    private final ByteBuffer bytes =
            ByteBuffer.allocate(FrameLayout.FRAME_BYTES).order(ByteOrder.LITTLE_ENDIAN);

    /// One recv: at most 1024 bytes over the start of the buffer.
    public void overwrite(ByteBuffer received) {
        bytes.put(0, received, received.position(), received.remaining());
        received.position(received.limit());
    }

    FrameHeader header() {
        return FrameHeader.read(bytes, 0);
    }

    /// What the request asks of the machine; empty when this kernel has no handler for its type.
    public Optional<GuestRequest> decode(Machine machine) {
        CpuModel cpuModel = machine.cpuModel();
        return Operation.ofMsgType(header().msgType())
                .filter(machine.operations()::contains)
                .flatMap(operation -> switch (operation) {
                    case CONNECT, ADD_MEM, DEL_MEM -> Optional.<GuestRequest>empty();
                    case ADD_CPU ->
                        Optional.of(
                                cpuModel == CpuModel.COUNT
                                        ? new GuestRequest.AddCpuCount(u8(FrameLayout.CPU_COUNT_OFFSET))
                                        : new GuestRequest.AddCpu(apicIds()));
                    case DEL_CPU ->
                        Optional.of(
                                cpuModel == CpuModel.COUNT
                                        ? new GuestRequest.DelCpuCount(u8(FrameLayout.CPU_COUNT_OFFSET))
                                        : new GuestRequest.DelCpu(apicIds()));
                    case ADD_MMIO ->
                        Optional.of(new GuestRequest.AddMmio(
                                bytes.getLong(FrameLayout.MMIO_BASE_OFFSET),
                                bytes.getLong(FrameLayout.MMIO_SIZE_OFFSET),
                                bytes.getInt(FrameLayout.MMIO_IRQ_OFFSET)));
                    case DEL_MMIO ->
                        Optional.of(new GuestRequest.DelMmio(
                                bytes.getLong(FrameLayout.MMIO_BASE_OFFSET),
                                bytes.getLong(FrameLayout.MMIO_SIZE_OFFSET),
                                bytes.getInt(FrameLayout.MMIO_IRQ_OFFSET)));
                    case ADD_PCI -> Optional.of(new GuestRequest.AddPci(pciFunction()));
                    case DEL_PCI -> Optional.of(new GuestRequest.DelPci(pciFunction()));
                });
    }

    /// The one load whose length a kernel checks.
    public boolean sizeIsWrong(GuestRequest request) {
        return switch (request) {
            case GuestRequest.AddMmio _, GuestRequest.DelMmio _ -> header().msgSize() != FrameLayout.MMIO_LOAD_BYTES;
            case GuestRequest.AddCpu _,
                    GuestRequest.DelCpu _,
                    GuestRequest.AddCpuCount _,
                    GuestRequest.DelCpuCount _,
                    GuestRequest.AddPci _,
                    GuestRequest.DelPci _ -> false;
        };
    }

    private List<Integer> apicIds() {
        int count = u8(FrameLayout.CPU_COUNT_OFFSET);
        List<Integer> ids = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            ids.add(u8(FrameLayout.CPU_APIC_IDS_OFFSET + i));
        }
        return ids;
    }

    private PciFunction pciFunction() {
        return PciFunction.ofDevfn(u8(FrameLayout.PCI_BUS_OFFSET), u8(FrameLayout.PCI_DEVFN_OFFSET));
    }

    private int u8(int offset) {
        return Byte.toUnsignedInt(bytes.get(offset));
    }
}
