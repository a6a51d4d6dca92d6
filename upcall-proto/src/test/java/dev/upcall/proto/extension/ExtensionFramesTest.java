package dev.upcall.proto.extension;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.MmioWindow;
import dev.upcall.proto.message.Operation;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Reply;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.wire.ExtensionFrame;
import dev.upcall.proto.wire.HexFrames;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each message of §1 to §5 against a frame that was encoded by hand.
class ExtensionFramesTest {

    static final Epoch GUEST = new Epoch(0x1122334455667788L);
    static final Epoch CLIENT = new Epoch(0xFFEEDDCCBBAA0099L);

    private static final Map<String, ExtensionMessage> GOLDEN = Map.ofEntries(
            Map.entry("handshake-open", new Handshake.Open(1, 3, Features.ALL, CLIENT, Optional.of(GUEST), 250, 7)),
            Map.entry("handshake-probe", new Handshake.Probe(300)),
            Map.entry(
                    "handshake-opened",
                    new HandshakeReply.Open(
                            1,
                            Features.ALL,
                            GUEST,
                            BootId.of(HexFormat.of().parseHex("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf")),
                            250,
                            8,
                            5,
                            true,
                            "x86_64",
                            "Gäst 1",
                            EnumSet.complementOf(EnumSet.of(Operation.CONNECT, Operation.ADD_MEM, Operation.DEL_MEM)))),
            Map.entry("handshake-alive", new HandshakeReply.Probe(Handshake.MASK, GUEST, 300)),
            Map.entry(
                    "event-user",
                    event(
                            1000,
                            EventKind.USER,
                            DeviceReference.NONE,
                            Bytes.of(new byte[] {'h', 'i', 0, -1}),
                            123456789012L,
                            2)),
            Map.entry(
                    "event-device-added",
                    event(
                            1,
                            EventKind.DEVICE_ADDED,
                            new DeviceReference.Mmio(new MmioWindow(0xd0011000L, 0x1000)),
                            Bytes.EMPTY,
                            5,
                            0)),
            Map.entry(
                    "event-cpu-online",
                    event(2, EventKind.CPU_ONLINE, new DeviceReference.Cpu(ApicId.BOOT), Bytes.EMPTY, 6, 0)),
            Map.entry(
                    "event-pci-removed",
                    event(
                            3,
                            EventKind.DEVICE_REMOVED,
                            new DeviceReference.Pci(new PciFunction(1, 4, 2)),
                            Bytes.EMPTY,
                            7,
                            0)),
            Map.entry("event-ack", new EventAck(GUEST, 1000)),
            Map.entry("inventory-next", new InventoryRequest(Bytes.of(new byte[] {1, 2, 3, 4}))),
            Map.entry(
                    "inventory-page",
                    new InventoryPage(
                            GUEST,
                            129,
                            1,
                            Optional.of(new CpuInventory(
                                    Set.of(new ApicId(0), new ApicId(2), new ApicId(3)),
                                    Set.of(new ApicId(0), new ApicId(2)),
                                    Stream.of(0, 3, 2, 9).map(ApicId::new).toList(),
                                    ApicId.BOOT)),
                            List.of(
                                    new ClientConnections(Optional.empty(), 2),
                                    new ClientConnections(Optional.of(CLIENT), 1)),
                            List.of(MmioDevice.of(0xd0000000L, 0x1000, 6)),
                            List.of(new PciFunction(0, 1, 0), new PciFunction(1, 4, 2)),
                            Bytes.of(new byte[] {9}))),
            Map.entry("execute-once", ExecuteOnce.of(CLIENT, 42, 40, new Request.AddPci(new PciFunction(0, 5, 0)))),
            Map.entry("once-reply-cpu", new OnceReply(41, true, new Reply.Answer(0, OptionalInt.of(1)))),
            Map.entry("once-reply-refused", new OnceReply(43, false, new Reply.Answer(-17, OptionalInt.empty()))),
            Map.entry("refusal-wrong-epoch", new Refusal(ExtensionType.EXECUTE_ONCE, ExtensionErrno.EPROTO)));

    static Stream<String> names() {
        return GOLDEN.keySet().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("names")
    void a_message_is_written_as_its_golden_frame(String name) {
        assertThat(HexFormat.of().formatHex(ExtensionWriter.toBytes(golden(name))))
                .isEqualTo(HexFormat.of().formatHex(frame(name)));
    }

    @ParameterizedTest
    @MethodSource("names")
    void a_golden_frame_is_read_as_its_message(String name) {
        ByteBuffer frame = ByteBuffer.wrap(frame(name));

        ExtensionMessage read = switch (golden(name)) {
            case FromHost _ ->
                ((Decoded.Message<FromHost>) ExtensionReader.fromHost(ExtensionFrame.readFromHost(frame, 0))).message();
            case FromGuest _ ->
                ((Decoded.Message<FromGuest>) ExtensionReader.fromGuest(ExtensionFrame.readFromGuest(frame, 0)))
                        .message();
        };

        assertThat(read).isEqualTo(golden(name));
    }

    private static ExtensionMessage golden(String name) {
        return java.util.Objects.requireNonNull(GOLDEN.get(name));
    }

    private static byte[] frame(String name) {
        return HexFrames.frame("extension/" + name + ".hex");
    }

    private static EventNotify event(
            long sequence, EventKind kind, DeviceReference device, Bytes detail, long time, long dropped) {
        return new EventNotify(GUEST, sequence, kind, device, detail, time, dropped);
    }
}
