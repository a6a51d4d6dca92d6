package dev.upcall.proto.extension;

import static dev.upcall.proto.extension.ExtensionFramesTest.CLIENT;
import static dev.upcall.proto.extension.ExtensionFramesTest.GUEST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.upcall.proto.extension.v1.HandshakeRequest;
import dev.upcall.proto.extension.v1.Phase;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.message.RequestWriter;
import dev.upcall.proto.wire.ExtensionFrame;
import dev.upcall.proto.wire.FrameLayout;
import dev.upcall.proto.wire.GuestFrame;
import dev.upcall.proto.wire.ReplyFrame;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Bounds of §1 to §5, each at its edge and one past it, and the order of §6 as far as bytes go.
class ExtensionReaderTest {

    @Test
    void s0_a_request_may_fill_1008_bytes_and_a_reply_1004() {
        assertThat(fromHost(0x103, 0, new byte[1008])).isInstanceOf(Decoded.Unreadable.class);
        assertThat(why(fromHost(0x103, 0, padded(1008)))).isEqualTo("whole");
        assertThat(why(fromHost(header(0x103, 1009, 0)))).contains("msg_size 1009, expected at most 1008");
        assertThat(why(fromGuest(header(0x100, 1005, 0)))).contains("msg_size 1005, expected at most 1004");
        assertThat(why(fromGuest(header(0x101, 1009, 1)))).contains("msg_size 1009, expected at most 1008");
        assertThat(why(fromHost(header(0x103, -1, 0)))).contains("msg_size 4294967295");
    }

    @Test
    void s6_bytes_that_are_no_protobuf_are_unreadable() {
        assertThat(why(fromHost(0x100, 0, new byte[] {0x0a, 0x7f}))).contains("HANDSHAKE load of 2 bytes is not");
        assertThat(why(fromHost(0x101, 1, new byte[] {0x0b}))).contains("EVENT_NOTIFY load of 1 bytes is not");
    }

    @Test
    void s6_a_wrong_value_is_told_apart_from_wrong_syntax() {
        HandshakeRequest load = HandshakeRequest.newBuilder()
                .setPhase(Phase.PHASE_OPEN)
                .setMask(0x0B68)
                .build();

        assertThat(fromHost(0x100, 0, load))
                .isEqualTo(new Decoded.Faulty<>(
                        ExtensionType.HANDSHAKE, Decoded.Claim.OPEN, 0, "HANDSHAKE mask must be 0x0B69: 0x0B68"));
    }

    @Test
    void s6_a_faulty_execute_once_still_says_whose_it_is() {
        var load = dev.upcall.proto.extension.v1.ExecuteOnce.newBuilder()
                .setClientEpoch(CLIENT.value())
                .build();

        assertThat(fromHost(0x104, 0, load))
                .isEqualTo(new Decoded.Faulty<>(
                        ExtensionType.EXECUTE_ONCE,
                        Decoded.Claim.OTHER,
                        CLIENT.value(),
                        "request_id must be at least 1: 0"));
    }

    @Test
    void s0_a_type_is_known_only_with_its_own_flag() {
        assertThat(fromHost(header(0x101, 0, 0))).isEqualTo(new Decoded.UnknownType<>(0x101, false));
        assertThat(fromHost(header(0x103, 0, 1))).isEqualTo(new Decoded.UnknownType<>(0x103, true));
        assertThat(fromGuest(header(0x110, 0, 0))).isEqualTo(new Decoded.UnknownType<>(0x110, false));
    }

    @Test
    void s0_other_flag_bits_are_ignored() {
        EventAck ack = new EventAck(GUEST, 9);
        ByteBuffer frame = ByteBuffer.wrap(ExtensionWriter.toBytes(ack));
        FrameLayout.writeInt(frame, FrameLayout.MSG_FLAGS_OFFSET, 0xFFFF_FFFF);

        assertThat(ExtensionReader.fromHost(ExtensionFrame.readFromHost(frame, 0)))
                .isEqualTo(new Decoded.Message<>(ack));
    }

    @Test
    void s1_the_bounds_of_a_handshake_reply_hold_at_their_edge() {
        assertThat(opened(100, "a".repeat(16), "ä".repeat(64)).intervalMs()).isEqualTo(100);
        assertThat(opened(60_000, "", "").intervalMs()).isEqualTo(60_000);
        assertThatThrownBy(() -> opened(99, "", "")).hasMessage("interval_ms must be 100 to 60000: 99");
        assertThatThrownBy(() -> opened(60_001, "", "")).hasMessageContaining("60001");
        assertThatThrownBy(() -> opened(100, "a".repeat(17), "")).hasMessageContaining("at most 16 bytes: 17");
        assertThatThrownBy(() -> opened(100, "", "ä".repeat(64) + "a")).hasMessageContaining("at most 128 bytes: 129");
        assertThatThrownBy(() -> BootId.of(new byte[15])).hasMessage("boot id must be 16 bytes: 15");
        assertThatThrownBy(() -> BootId.of(new byte[17])).hasMessage("boot id must be 16 bytes: 17");
        assertThatThrownBy(() -> new Epoch(0)).hasMessageContaining("must not be 0");
    }

    @Test
    void s1_the_longest_handshake_reply_fits_its_frame() {
        HandshakeReply.Open longest = new HandshakeReply.Open(
                Integer.MAX_VALUE,
                new Features(-1),
                new Epoch(-1),
                new BootId(-1, -1),
                60_000,
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                true,
                "a".repeat(16),
                "p".repeat(128),
                EnumSet.range(dev.upcall.proto.message.Operation.ADD_CPU, dev.upcall.proto.message.Operation.DEL_PCI));

        assertThat(rereadFromGuest(longest)).isEqualTo(longest);
    }

    @Test
    void s3_an_event_carries_512_bytes_of_detail_and_not_one_more() {
        EventNotify longest = event(new byte[512]);

        assertThat(rereadFromGuest(longest)).isEqualTo(longest);
        assertThatThrownBy(() -> event(new byte[513])).hasMessage("detail must be at most 512 bytes: 513");
        var load = dev.upcall.proto.extension.v1.EventNotify.newBuilder()
                .setEpoch(1)
                .setSequence(1)
                .setKind(dev.upcall.proto.extension.v1.EventKind.EVENT_KIND_USER)
                .setDetail(ByteString.copyFrom(new byte[513]))
                .build();
        assertThat(why(fromHost(0x101, 1, load))).isEqualTo("detail must be at most 512 bytes: 513");
    }

    @Test
    void s3_a_kind_of_a_newer_peer_is_heard_and_cannot_be_sent() {
        var load = dev.upcall.proto.extension.v1.EventNotify.newBuilder()
                .setEpoch(GUEST.value())
                .setSequence(1)
                .setKindValue(11)
                .build();
        EventNotify other = new EventNotify(GUEST, 1, EventKind.OTHER, DeviceReference.NONE, Bytes.EMPTY, 0, 0);

        assertThat(fromHost(0x101, 1, load)).isEqualTo(new Decoded.Message<>(other));
        assertThatThrownBy(() -> ExtensionWriter.toBytes(other)).isInstanceOf(IllegalArgumentException.class);
        assertThat(why(fromHost(0x101, 1, load.toBuilder().clearKind().build())))
                .isEqualTo("event kind must be at least 1: 0");
    }

    @Test
    void s4_a_token_has_32_bytes_at_most() {
        InventoryRequest longest = new InventoryRequest(Bytes.of(new byte[32]));

        assertThat(why(fromHost(0x103, 0, InventoryCodec.encode(longest)))).isEqualTo("whole");
        assertThatThrownBy(() -> new InventoryRequest(Bytes.of(new byte[33])))
                .hasMessage("token must be at most 32 bytes: 33");
    }

    @Test
    void s4_a_page_that_does_not_fit_cannot_be_built() {
        assertThatThrownBy(() -> new InventoryPage(
                        GUEST,
                        1,
                        0,
                        Optional.empty(),
                        java.util.Collections.nCopies(80, new ClientConnections(Optional.of(CLIENT), 1)),
                        List.of(),
                        List.of(),
                        Bytes.EMPTY))
                .hasMessageStartingWith("inventory page must be at most 1004 bytes: ");
    }

    @Test
    void s5_the_longest_load_of_an_operation_fits_and_one_more_byte_does_not() {
        ExecuteOnce longest = new ExecuteOnce(CLIENT, Long.MAX_VALUE, Long.MAX_VALUE - 1, -1, Bytes.of(new byte[968]));

        assertThat(ExtensionReader.fromHost(
                        ExtensionFrame.readFromHost(ByteBuffer.wrap(ExtensionWriter.toBytes(longest)), 0)))
                .isEqualTo(new Decoded.Message<>(longest));
        assertThatThrownBy(() -> new ExecuteOnce(CLIENT, 1, 0, 1, Bytes.of(new byte[969])))
                .hasMessageContaining("968");
        assertThatThrownBy(() -> new ExecuteOnce(CLIENT, 5, 5, 1, Bytes.EMPTY))
                .hasMessage("acknowledged_id must be 0 to 4: 5");
    }

    @Test
    void s5_the_operations_own_error_has_a_load_and_a_refusal_has_none() {
        byte[] refused = ExtensionWriter.toBytes(new Refusal(ExtensionType.EXECUTE_ONCE, -22));
        byte[] failed = ExtensionWriter.toBytes(
                new OnceReply(1, false, new dev.upcall.proto.message.Reply.Answer(-22, java.util.OptionalInt.empty())));

        assertThat(fromGuest(refused)).isEqualTo(new Decoded.Message<>(new Refusal(ExtensionType.EXECUTE_ONCE, -22)));
        assertThat(why(fromGuest(failed))).isEqualTo("whole");
        assertThat(fromGuest(failed)).isNotEqualTo(fromGuest(refused));
    }

    @Test
    void s1_a_stock_guests_unknown_type_is_a_refusal_whatever_its_stale_word_says() {
        byte[] frame = header(0x100, 0, 0);
        FrameLayout.writeInt(ByteBuffer.wrap(frame), FrameLayout.RESULT_OFFSET, -1);
        FrameLayout.writeInt(ByteBuffer.wrap(frame), FrameLayout.REPLY_LOAD_OFFSET, 3);

        assertThat(fromGuest(frame)).isEqualTo(new Decoded.Message<>(new Refusal(ExtensionType.HANDSHAKE, -1)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0xFF, 0x200, 0xdbe00000})
    void a_frame_of_a_plain_type_stays_a_plain_reply(int type) {
        assertThat(GuestFrame.read(ByteBuffer.wrap(header(type, 4, 0)), 0)).isInstanceOf(ReplyFrame.class);
        assertThat(GuestFrame.read(ByteBuffer.wrap(header(type, 4, 1)), 0)).isInstanceOf(ExtensionFrame.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x100, 0x1FF})
    void a_frame_of_an_extension_type_brings_its_load(int type) {
        assertThat(GuestFrame.read(ByteBuffer.wrap(header(type, 4, 0)), 0))
                .isInstanceOfSatisfying(
                        ExtensionFrame.class, f -> assertThat(f.load()).hasSize(4));
    }

    @Test
    void s5_the_load_of_a_once_request_is_the_plain_frames() {
        Request request = new Request.DelMmio(dev.upcall.proto.message.MmioDevice.of(0xd0000000L, 0x1000, 5));
        byte[] plain = RequestWriter.toBytes(request);

        ExecuteOnce once = ExecuteOnce.of(CLIENT, 1, 0, request);

        assertThat(once.msgType()).isEqualTo(6);
        assertThat(once.load().toArray()).isEqualTo(java.util.Arrays.copyOfRange(plain, 16, 40));
    }

    private static HandshakeReply.Open opened(int intervalMs, String architecture, String product) {
        return new HandshakeReply.Open(
                1,
                Features.NONE,
                GUEST,
                new BootId(1, 2),
                intervalMs,
                1,
                0,
                false,
                architecture,
                product,
                java.util.Set.of());
    }

    private static EventNotify event(byte[] detail) {
        return new EventNotify(
                new Epoch(-1),
                Long.MAX_VALUE,
                EventKind.USER,
                new DeviceReference.Mmio(new dev.upcall.proto.message.MmioWindow(-2, 1)),
                Bytes.of(detail),
                -1,
                Long.MAX_VALUE - 1);
    }

    private static FromGuest rereadFromGuest(FromGuest message) {
        return ((Decoded.Message<FromGuest>) fromGuest(ExtensionWriter.toBytes(message))).message();
    }

    /// `whole`, or why not.
    private static String why(Decoded<?> decoded) {
        return switch (decoded) {
            case Decoded.Message<?> _ -> "whole";
            case Decoded.Unreadable<?> d -> d.why();
            case Decoded.UnknownType<?> d -> d.why();
            case Decoded.Faulty<?> d -> d.why();
        };
    }

    private static Decoded<FromHost> fromHost(byte[] frame) {
        return ExtensionReader.fromHost(ExtensionFrame.readFromHost(ByteBuffer.wrap(frame), 0));
    }

    private static Decoded<FromGuest> fromGuest(byte[] frame) {
        return ExtensionReader.fromGuest(ExtensionFrame.readFromGuest(ByteBuffer.wrap(frame), 0));
    }

    private static Decoded<FromHost> fromHost(int type, int flags, MessageLite load) {
        return fromHost(type, flags, load.toByteArray());
    }

    private static Decoded<FromHost> fromHost(int type, int flags, byte[] load) {
        byte[] frame = header(type, load.length, flags);
        System.arraycopy(load, 0, frame, 16, load.length);
        return fromHost(frame);
    }

    private static byte[] header(int type, int size, int flags) {
        byte[] frame = new byte[1024];
        FrameLayout.writeHeader(ByteBuffer.wrap(frame), 0, type, size, flags);
        return frame;
    }

    /// An inventory request that an unknown field makes as long as asked for.
    private static byte[] padded(int size) {
        byte[] load = new byte[size];
        load[0] = 0x7A; // field 15, length-delimited: unknown, to be ignored
        load[1] = (byte) (((size - 3) & 0x7F) | 0x80);
        load[2] = (byte) ((size - 3) >> 7);
        return load;
    }
}
