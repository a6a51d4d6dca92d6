package dev.upcall.proto.extension;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioWindow;
import dev.upcall.proto.message.PciFunction;

/// EVENT_NOTIFY and EVENT_ACK between records and Protobuf.
final class EventCodec {

    private static final int PCI_BYTE_MAX = 255;

    private EventCodec() {}

    static dev.upcall.proto.extension.v1.EventNotify encode(EventNotify event) {
        if (event.kind() == EventKind.OTHER) {
            throw new IllegalArgumentException("an event of a kind that nobody here knows cannot be sent: " + event);
        }
        var load = dev.upcall.proto.extension.v1.EventNotify.newBuilder()
                .setEpoch(event.epoch().value())
                .setSequence(event.sequence())
                .setKindValue(event.kind().wireNumber())
                .setDetail(ByteString.copyFrom(event.detail().shared()))
                .setTimeNs(event.timeNanos())
                .setDropped(event.dropped());
        if (!(event.device() instanceof DeviceReference.None)) {
            load.setDevice(encode(event.device()));
        }
        return load.build();
    }

    static dev.upcall.proto.extension.v1.EventAck encode(EventAck ack) {
        return dev.upcall.proto.extension.v1.EventAck.newBuilder()
                .setEpoch(ack.epoch().value())
                .setSequence(ack.sequence())
                .build();
    }

    static <M extends ExtensionMessage> Decoded<M> decodeNotify(byte[] bytes) throws InvalidProtocolBufferException {
        var load = dev.upcall.proto.extension.v1.EventNotify.parseFrom(bytes);
        try {
            if (load.getKindValue() < 1) {
                throw new IllegalArgumentException("event kind must be at least 1: " + load.getKindValue());
            }
            return message(new EventNotify(
                    new Epoch(load.getEpoch()),
                    load.getSequence(),
                    EventKind.ofWire(load.getKindValue()),
                    device(load.getDevice()),
                    Bytes.owning(load.getDetail().toByteArray()),
                    load.getTimeNs(),
                    load.getDropped()));
        } catch (IllegalArgumentException e) {
            return faulty(ExtensionType.EVENT_NOTIFY, e);
        }
    }

    static <M extends ExtensionMessage> Decoded<M> decodeAck(byte[] bytes) throws InvalidProtocolBufferException {
        var load = dev.upcall.proto.extension.v1.EventAck.parseFrom(bytes);
        try {
            return message(new EventAck(new Epoch(load.getEpoch()), load.getSequence()));
        } catch (IllegalArgumentException e) {
            return faulty(ExtensionType.EVENT_ACK, e);
        }
    }

    private static dev.upcall.proto.extension.v1.DeviceReference encode(DeviceReference device) {
        var reference = dev.upcall.proto.extension.v1.DeviceReference.newBuilder();
        switch (device) {
            case DeviceReference.None _ -> {}
            case DeviceReference.Cpu cpu -> reference.setCpu(cpu.id().value());
            case DeviceReference.Mmio mmio ->
                reference.setMmio(dev.upcall.proto.extension.v1.MmioWindow.newBuilder()
                        .setBase(mmio.window().base())
                        .setSize(mmio.window().size()));
            case DeviceReference.Pci pci ->
                reference.setPci(dev.upcall.proto.extension.v1.PciFunction.newBuilder()
                        .setBus(pci.function().bus())
                        .setDevfn(pci.function().devfn()));
        }
        return reference.build();
    }

    private static DeviceReference device(dev.upcall.proto.extension.v1.DeviceReference reference) {
        return switch (reference.getDeviceCase()) {
            case DEVICE_NOT_SET -> DeviceReference.NONE;
            case CPU -> new DeviceReference.Cpu(new ApicId(reference.getCpu()));
            case MMIO ->
                new DeviceReference.Mmio(new MmioWindow(
                        reference.getMmio().getBase(), reference.getMmio().getSize()));
            case PCI -> {
                int bus = reference.getPci().getBus();
                int devfn = reference.getPci().getDevfn();
                Bounds.requireRange("PCI devfn", devfn, 0, PCI_BYTE_MAX);
                yield new DeviceReference.Pci(PciFunction.ofDevfn(bus, devfn));
            }
        };
    }

    /// Both directions carry notifications, so the caller says which of them this is.
    @SuppressWarnings("unchecked")
    private static <M extends ExtensionMessage> Decoded<M> message(Notification notification) {
        return (Decoded<M>) new Decoded.Message<>(notification);
    }

    private static <M extends ExtensionMessage> Decoded<M> faulty(ExtensionType type, IllegalArgumentException e) {
        return new Decoded.Faulty<>(type, Decoded.Claim.OTHER, 0, String.valueOf(e.getMessage()));
    }
}
