package dev.upcall.proto.extension;

import static dev.upcall.proto.extension.ProtobufFields.BYTES;
import static dev.upcall.proto.extension.ProtobufFields.FIXED64;
import static dev.upcall.proto.extension.ProtobufFields.VARINT;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioWindow;
import dev.upcall.proto.message.PciFunction;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// EVENT_NOTIFY and EVENT_ACK between records and Protobuf, field by field: a guest may send events without end.
final class EventCodec {

    private static final int PCI_BYTE_MAX = 255;

    private static final byte[] NOTHING = {};

    /// Tags of `v1.EventNotify`.
    private static final class Notified {
        private static final int EPOCH = (dev.upcall.proto.extension.v1.EventNotify.EPOCH_FIELD_NUMBER << 3) | FIXED64;
        private static final int SEQUENCE =
                (dev.upcall.proto.extension.v1.EventNotify.SEQUENCE_FIELD_NUMBER << 3) | VARINT;
        private static final int KIND = (dev.upcall.proto.extension.v1.EventNotify.KIND_FIELD_NUMBER << 3) | VARINT;
        private static final int DEVICE = (dev.upcall.proto.extension.v1.EventNotify.DEVICE_FIELD_NUMBER << 3) | BYTES;
        private static final int DETAIL = (dev.upcall.proto.extension.v1.EventNotify.DETAIL_FIELD_NUMBER << 3) | BYTES;
        private static final int TIME_NS =
                (dev.upcall.proto.extension.v1.EventNotify.TIME_NS_FIELD_NUMBER << 3) | VARINT;
        private static final int DROPPED =
                (dev.upcall.proto.extension.v1.EventNotify.DROPPED_FIELD_NUMBER << 3) | VARINT;
    }

    /// Tags of `v1.EventAck`.
    private static final class Acknowledged {
        private static final int EPOCH = (dev.upcall.proto.extension.v1.EventAck.EPOCH_FIELD_NUMBER << 3) | FIXED64;
        private static final int SEQUENCE =
                (dev.upcall.proto.extension.v1.EventAck.SEQUENCE_FIELD_NUMBER << 3) | VARINT;
    }

    private EventCodec() {}

    /// @return where the load ends
    static int write(EventNotify event, ByteBuffer buffer, int at) {
        if (event.kind() == EventKind.OTHER) {
            throw new IllegalArgumentException("an event of a kind that nobody here knows cannot be sent: " + event);
        }
        int end = ProtobufFields.fixed64(Notified.EPOCH, event.epoch().value(), buffer, at);
        end = ProtobufFields.varint(Notified.SEQUENCE, event.sequence(), buffer, end);
        end = ProtobufFields.varint(Notified.KIND, event.kind().wireNumber(), buffer, end);
        if (!(event.device() instanceof DeviceReference.None)) {
            end = ProtobufFields.message(Notified.DEVICE, encode(event.device()).toByteArray(), buffer, end);
        }
        end = ProtobufFields.bytes(Notified.DETAIL, event.detail().shared(), buffer, end);
        end = ProtobufFields.varint(Notified.TIME_NS, event.timeNanos(), buffer, end);
        return ProtobufFields.varint(Notified.DROPPED, event.dropped(), buffer, end);
    }

    /// @return where the load ends
    static int write(EventAck ack, ByteBuffer buffer, int at) {
        int end = ProtobufFields.fixed64(Acknowledged.EPOCH, ack.epoch().value(), buffer, at);
        return ProtobufFields.varint(Acknowledged.SEQUENCE, ack.sequence(), buffer, end);
    }

    static <M extends ExtensionMessage> Decoded<M> decodeNotify(byte[] bytes) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(bytes);
        long epoch = 0;
        long sequence = 0;
        int kind = 0;
        dev.upcall.proto.extension.v1.DeviceReference.@Nullable Builder device = null;
        byte[] detail = NOTHING;
        long timeNanos = 0;
        long dropped = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case Notified.EPOCH -> epoch = in.readFixed64();
                case Notified.SEQUENCE -> sequence = in.readUInt64();
                case Notified.KIND -> kind = in.readEnum();
                case Notified.DEVICE -> {
                    // A message that comes in parts is joined.
                    device = device == null ? dev.upcall.proto.extension.v1.DeviceReference.newBuilder() : device;
                    in.readMessage(device, ExtensionRegistryLite.getEmptyRegistry());
                }
                case Notified.DETAIL -> detail = in.readByteArray();
                case Notified.TIME_NS -> timeNanos = in.readUInt64();
                case Notified.DROPPED -> dropped = in.readUInt64();
                default -> ProtobufFields.skip(in, tag);
            }
        }
        try {
            if (kind < 1) {
                throw new IllegalArgumentException("event kind must be at least 1: " + kind);
            }
            return message(new EventNotify(
                    new Epoch(epoch),
                    sequence,
                    EventKind.ofWire(kind),
                    device == null ? DeviceReference.NONE : device(device.build()),
                    Bytes.owning(detail),
                    timeNanos,
                    dropped));
        } catch (IllegalArgumentException e) {
            return faulty(ExtensionType.EVENT_NOTIFY, e);
        }
    }

    static <M extends ExtensionMessage> Decoded<M> decodeAck(byte[] bytes) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(bytes);
        long epoch = 0;
        long sequence = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case Acknowledged.EPOCH -> epoch = in.readFixed64();
                case Acknowledged.SEQUENCE -> sequence = in.readUInt64();
                default -> ProtobufFields.skip(in, tag);
            }
        }
        try {
            return message(new EventAck(new Epoch(epoch), sequence));
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
