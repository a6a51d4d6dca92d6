package dev.upcall.client.cli.decode;

import static dev.upcall.proto.wire.FrameLayout.CPU_APIC_IDS_BYTES;
import static dev.upcall.proto.wire.FrameLayout.CPU_APIC_IDS_OFFSET;
import static dev.upcall.proto.wire.FrameLayout.CPU_APIC_VERSION_OFFSET;
import static dev.upcall.proto.wire.FrameLayout.CPU_COUNT_OFFSET;
import static dev.upcall.proto.wire.FrameLayout.MMIO_BASE_OFFSET;
import static dev.upcall.proto.wire.FrameLayout.MMIO_IRQ_OFFSET;
import static dev.upcall.proto.wire.FrameLayout.MMIO_SIZE_OFFSET;
import static dev.upcall.proto.wire.FrameLayout.PCI_BUS_OFFSET;
import static dev.upcall.proto.wire.FrameLayout.PCI_DEVFN_OFFSET;
import static dev.upcall.proto.wire.FrameLayout.REQUEST_LOAD_OFFSET;

import dev.upcall.proto.guest.CpuModel;
import dev.upcall.proto.message.Irq;
import dev.upcall.proto.message.Operation;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.FrameLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/// A request's frame in words, odd ones included.
final class RequestFrame {
    private final FieldTable table;
    private final FrameHeader header;
    private final CpuModel cpus;
    private final String title;

    /// @param frame 1024 bytes from position 0
    RequestFrame(ByteBuffer frame, CpuModel cpus) {
        this.table = new FieldTable(frame);
        this.header = FrameHeader.read(frame, 0);
        this.cpus = cpus;
        this.title = read();
    }

    FrameHeader header() {
        return header;
    }

    FieldTable table() {
        return table;
    }

    String title() {
        return title;
    }

    private String read() {
        Optional<Operation> operation = Operation.ofMsgType(header.msgType());
        if (operation.isEmpty()) {
            return other("request of type " + FieldTable.type(header.msgType()));
        }
        return switch (operation.get()) {
            case ADD_CPU, DEL_CPU ->
                header.msgSize() == FrameLayout.ARM_CPU_LOAD_BYTES || cpus == CpuModel.COUNT
                        ? cpuCount(operation.get())
                        : cpuIds(operation.get());
            case ADD_MMIO, DEL_MMIO -> mmio(operation.get());
            case ADD_PCI, DEL_PCI -> pci(operation.get());
            case CONNECT, ADD_MEM, DEL_MEM -> other(operation.get() + " request");
        };
    }

    private String cpuIds(Operation operation) {
        size(FrameLayout.CPU_LOAD_BYTES, "x86-64 CPUs; the guest does not check it");
        int count = table.u8(CPU_COUNT_OFFSET);
        table.field(CPU_COUNT_OFFSET, 1, "count", count, "");
        table.field(
                CPU_APIC_VERSION_OFFSET, 1, "apic_version", "0x%02x".formatted(table.u8(CPU_APIC_VERSION_OFFSET)), "");
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ids.add(table.u8(CPU_APIC_IDS_OFFSET + i));
        }
        table.field(CPU_APIC_IDS_OFFSET, CPU_APIC_IDS_BYTES, "apic_ids", ids, count == 0 ? "" : "the first " + count);
        if (count == 0) {
            table.remark("count 0 runs through an uninitialised variable in the guest");
        }
        if (new LinkedHashSet<>(ids).size() != ids.size()) {
            table.remark("an APIC id is named twice: this damages or crashes every x86 guest");
        }
        if (ids.contains(255)) {
            table.remark("APIC id 255 is reserved: the guest answers EINVAL after 2.5 s");
        }
        if (operation == Operation.DEL_CPU && ids.contains(0)) {
            table.remark("APIC id 0 is the boot CPU, which no guest removes");
        }
        for (int i = count; i < CPU_APIC_IDS_BYTES; i++) {
            if (table.u8(CPU_APIC_IDS_OFFSET + i) != 0) {
                table.remark("apic_ids goes on behind its count of " + count + ": byte " + (CPU_APIC_IDS_OFFSET + i)
                        + " is not zero");
                break;
            }
        }
        table.rest(REQUEST_LOAD_OFFSET + FrameLayout.CPU_LOAD_BYTES);
        return operation + " APIC ids " + ids;
    }

    private String cpuCount(Operation operation) {
        size(FrameLayout.ARM_CPU_LOAD_BYTES, "arm64 CPUs");
        int count = table.u8(CPU_COUNT_OFFSET);
        table.field(CPU_COUNT_OFFSET, 1, "count", count, "");
        if (count == 0) {
            table.remark("count 0 asks for nothing");
        }
        table.rest(REQUEST_LOAD_OFFSET + FrameLayout.ARM_CPU_LOAD_BYTES);
        return operation + " count " + count + " (arm64)";
    }

    private String mmio(Operation operation) {
        size(FrameLayout.MMIO_LOAD_BYTES, "checked by the guest");
        if (header.msgSize() != FrameLayout.MMIO_LOAD_BYTES) {
            table.remark("msg_size is not 24: the guest answers EINVAL");
        }
        String base = "0x" + Long.toHexString(table.u64(MMIO_BASE_OFFSET));
        String size = "0x" + Long.toHexString(table.u64(MMIO_SIZE_OFFSET));
        int irq = table.u32(MMIO_IRQ_OFFSET);
        table.field(MMIO_BASE_OFFSET, 8, "base", base, "");
        table.field(MMIO_SIZE_OFFSET, 8, "size", size, "");
        table.field(
                MMIO_IRQ_OFFSET,
                4,
                "irq",
                Integer.toUnsignedString(irq),
                irq == Irq.SHAREABLE.value() ? "the one that may be shared" : "");
        if (irq == 0) {
            table.remark("IRQ 0: the guest answers EINVAL");
        }
        if (table.u64(MMIO_SIZE_OFFSET) == 0) {
            table.remark("a window of size 0: the guest answers EBUSY");
        }
        table.rest(MMIO_IRQ_OFFSET + 4);
        return operation + " " + base + "+" + size + " irq " + Integer.toUnsignedString(irq);
    }

    private String pci(Operation operation) {
        size(FrameLayout.PCI_LOAD_BYTES, "not checked by the guest");
        int devfn = table.u8(PCI_DEVFN_OFFSET);
        PciFunction function = PciFunction.ofDevfn(table.u8(PCI_BUS_OFFSET), devfn);
        table.field(PCI_BUS_OFFSET, 1, "bus", "0x%02x".formatted(function.bus()), "");
        table.field(
                PCI_DEVFN_OFFSET,
                1,
                "devfn",
                "0x%02x".formatted(devfn),
                "slot %02x, function %d".formatted(function.slot(), function.function()));
        table.rest(PCI_DEVFN_OFFSET + 1);
        return operation + " " + function;
    }

    private String other(String what) {
        table.header(header, "");
        table.remark("no shipped kernel has this operation: the answer is −1 (EPERM)");
        table.rest(REQUEST_LOAD_OFFSET);
        return what;
    }

    private void size(int expected, String note) {
        table.header(header, header.msgSize() == expected ? note : "expected " + expected + ": " + note);
    }
}
