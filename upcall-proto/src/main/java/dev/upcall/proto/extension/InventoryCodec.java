package dev.upcall.proto.extension;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.upcall.proto.extension.v1.Cpus;
import dev.upcall.proto.extension.v1.InventoryReply;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// INVENTORY between records and Protobuf.
final class InventoryCodec {

    /// A bit for each of the 256 APIC ids.
    private static final int ID_SET_BYTES_MAX = 32;

    private static final int PCI_MAX = 0xFFFF;

    private InventoryCodec() {}

    static dev.upcall.proto.extension.v1.InventoryRequest encode(InventoryRequest request) {
        return dev.upcall.proto.extension.v1.InventoryRequest.newBuilder()
                .setToken(ByteString.copyFrom(request.token().shared()))
                .build();
    }

    static Decoded<FromHost> decodeRequest(byte[] bytes) throws InvalidProtocolBufferException {
        var load = dev.upcall.proto.extension.v1.InventoryRequest.parseFrom(bytes);
        try {
            return new Decoded.Message<>(
                    new InventoryRequest(Bytes.owning(load.getToken().toByteArray())));
        } catch (IllegalArgumentException e) {
            return faulty(e);
        }
    }

    static InventoryReply encode(InventoryPage page) {
        return encode(
                page.guestEpoch(),
                page.generation(),
                page.running(),
                page.cpus(),
                page.connections(),
                page.mmio(),
                page.pci(),
                page.nextToken());
    }

    /// The load of a page that is not built yet, in bytes.
    static int encodedSize(
            Epoch guestEpoch,
            long generation,
            int running,
            Optional<CpuInventory> cpus,
            List<ClientConnections> connections,
            List<MmioDevice> mmio,
            List<PciFunction> pci,
            Bytes nextToken) {
        return encode(guestEpoch, generation, running, cpus, connections, mmio, pci, nextToken)
                .getSerializedSize();
    }

    static Decoded<FromGuest> decodeReply(byte[] bytes) throws InvalidProtocolBufferException {
        InventoryReply load = InventoryReply.parseFrom(bytes);
        try {
            return new Decoded.Message<>(new InventoryPage(
                    new Epoch(load.getGuestEpoch()),
                    load.getGeneration(),
                    load.getRunning(),
                    load.hasCpus() ? Optional.of(cpus(load.getCpus())) : Optional.empty(),
                    load.getConnectionsList().stream()
                            .map(c -> new ClientConnections(Epoch.ofWire(c.getClientEpoch()), c.getCount()))
                            .toList(),
                    load.getMmioList().stream()
                            .map(m -> MmioDevice.of(m.getBase(), m.getSize(), m.getIrq()))
                            .toList(),
                    load.getPciList().stream().map(InventoryCodec::pci).toList(),
                    Bytes.owning(load.getNextToken().toByteArray())));
        } catch (IllegalArgumentException e) {
            return faulty(e);
        }
    }

    private static InventoryReply encode(
            Epoch guestEpoch,
            long generation,
            int running,
            Optional<CpuInventory> cpus,
            List<ClientConnections> connections,
            List<MmioDevice> mmio,
            List<PciFunction> pci,
            Bytes nextToken) {
        InventoryReply.Builder load = InventoryReply.newBuilder()
                .setGuestEpoch(guestEpoch.value())
                .setGeneration(generation)
                .setRunning(running)
                .setNextToken(ByteString.copyFrom(nextToken.shared()));
        cpus.ifPresent(c -> load.setCpus(encode(c)));
        for (ClientConnections c : connections) {
            load.addConnections(dev.upcall.proto.extension.v1.ClientConnections.newBuilder()
                    .setClientEpoch(c.client().map(Epoch::value).orElse(0L))
                    .setCount(c.count()));
        }
        for (MmioDevice m : mmio) {
            load.addMmio(dev.upcall.proto.extension.v1.MmioDevice.newBuilder()
                    .setBase(m.window().base())
                    .setSize(m.window().size())
                    .setIrq(m.irq().value()));
        }
        pci.forEach(p -> load.addPci(p.bus() << 8 | p.devfn()));
        return load.build();
    }

    private static Cpus encode(CpuInventory cpus) {
        byte[] slots = new byte[cpus.slots().size()];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = (byte) cpus.slots().get(i).value();
        }
        return Cpus.newBuilder()
                .setPresent(idSet(cpus.present()))
                .setOnline(idSet(cpus.online()))
                .setSlots(ByteString.copyFrom(slots))
                .setBootCpu(cpus.boot().value())
                .build();
    }

    private static CpuInventory cpus(Cpus load) {
        byte[] slots = load.getSlots().toByteArray();
        List<ApicId> inOrder = new ArrayList<>();
        for (byte slot : slots) {
            inOrder.add(new ApicId(Byte.toUnsignedInt(slot)));
        }
        return new CpuInventory(
                ids("present", load.getPresent()),
                ids("online", load.getOnline()),
                inOrder,
                new ApicId(load.getBootCpu()));
    }

    private static ByteString idSet(Set<ApicId> ids) {
        BitSet bits = new BitSet();
        ids.forEach(id -> bits.set(id.value()));
        return ByteString.copyFrom(bits.toByteArray());
    }

    private static Set<ApicId> ids(String what, ByteString bytes) {
        Bounds.requireSize(what + " CPUs", bytes.size(), ID_SET_BYTES_MAX);
        return BitSet.valueOf(bytes.toByteArray()).stream()
                .mapToObj(ApicId::new)
                .collect(Collectors.toSet());
    }

    private static PciFunction pci(int number) {
        Bounds.requireRange("PCI function", number, 0, PCI_MAX);
        return PciFunction.ofDevfn(number >> 8, number & 0xFF);
    }

    private static <M extends ExtensionMessage> Decoded<M> faulty(IllegalArgumentException e) {
        return new Decoded.Faulty<>(ExtensionType.INVENTORY, Decoded.Claim.OTHER, 0, String.valueOf(e.getMessage()));
    }
}
