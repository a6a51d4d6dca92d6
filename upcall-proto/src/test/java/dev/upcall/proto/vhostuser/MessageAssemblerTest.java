package dev.upcall.proto.vhostuser;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MessageAssemblerTest {

    @Test
    void it_wants_the_header_first_and_then_exactly_the_payload() {
        MessageAssembler assembler = new MessageAssembler();
        assertThat(assembler.bytesWanted()).isEqualTo(12);
        assertThat(assembler.accept(header(8, 0x1, 8), 0)).isEmpty();
        assertThat(assembler.bytesWanted()).isEqualTo(8);
        assertThat(assembler.accept(hex("0100000080000000"), 0))
                .contains(new Decoded.Understood(8, new Message.SetVringNum(1, 128), false));
        assertThat(assembler.bytesWanted()).isEqualTo(12);
    }

    @Test
    void bytes_of_the_next_message_are_left_alone() {
        ByteBuffer two = hex("01000000" + "01000000" + "00000000" + "0f000000" + "09000000" + "00000000");
        MessageAssembler assembler = new MessageAssembler();

        assertThat(assembler.accept(two, 0)).contains(new Decoded.Understood(1, new Message.GetFeatures(), false));
        assertThat(two.remaining()).isEqualTo(12);
        assertThat(assembler.accept(two, 0))
                .contains(new Decoded.Understood(15, new Message.GetProtocolFeatures(), true));
    }

    @Test
    void descriptors_are_counted_for_each_message_by_itself() {
        MessageAssembler assembler = new MessageAssembler();
        String kick = "0c000000" + "01000000" + "08000000" + "0100000000000000";
        for (int i = 0; i < 20; i++) {
            assertThat(assembler.accept(hex(kick), 1))
                    .contains(new Decoded.Understood(12, new Message.SetVringKick(1, true), false));
        }
    }

    @Test
    void a_header_is_refused_before_its_payload_is_waited_for() {
        assertThat(refused(header(1, 0x2, 0), 0)).isEqualTo("GET_FEATURES: expected version 1 in the flags, found 0x2");
        assertThat(refused(header(1, 0x5, 0), 0))
                .isEqualTo("GET_FEATURES: expected a request, found a reply (flags 0x5)");
        assertThat(refused(header(77, 0x1, 4097), 0))
                .isEqualTo("request 77: expected at most 4096 bytes of payload, found 4097");
        assertThat(refused(header(5, 0x1, -1), 0)).endsWith("found 4294967295");
    }

    @Test
    void payloads_and_descriptors_that_are_wrong_say_what_was_found() {
        assertThat(refused(message(1, "00"), 0)).isEqualTo("GET_FEATURES: expected 0 bytes of payload, found 1");
        assertThat(refused(message(8, "0200000080000000"), 0))
                .contains("expected ring 0")
                .contains("found 2");
        assertThat(refused(message(8, "0000000081000000"), 0)).contains("a power of two, found 129");
        assertThat(refused(message(8, "0000000000000100"), 0)).contains("found 65536");
        assertThat(refused(message(10, "0000000000000100"), 0)).contains("0 to 65535, found 65536");
        assertThat(refused(message(12, "0000000000000000"), 0)).contains("expected 1 descriptors, found 0");
        assertThat(refused(message(13, "0001000000000000"), 1)).contains("expected 0 descriptors, found 1");
        assertThat(refused(message(18, "0000000002000000"), 0)).contains("expected 0 or 1, found 2");
        assertThat(refused(message(3, ""), 9)).contains("at most 8 descriptors with one message, found 9");
        assertThat(refused(message(24, "000000000001000000000000"), 0)).contains("expected 268 bytes");
        assertThat(refused(message(24, "000000000101000000000000"), 0))
                .contains("at most 256")
                .contains("257");
    }

    @Test
    void memory_tables_that_are_wrong_say_what_was_found() {
        assertThat(refused(message(5, "0000000000000000"), 0)).contains("1 to 8 memory regions, found 0");
        assertThat(refused(message(5, "0900000000000000"), 0)).contains("1 to 8 memory regions, found 9");
        assertThat(refused(message(5, table(1, 0x1000, 0x2000, 0) + "00"), 1)).contains("expected 40 bytes");
        assertThat(refused(message(5, table(0, 0, 0, 0)), 1)).contains("expected a memory region of 1 to");
        assertThat(refused(message(5, table(0, -1, 0, 0)), 1)).contains("18446744073709551615");
        assertThat(refused(message(5, table(Long.MAX_VALUE - 5, 100, 0, 0)), 1)).contains("guest address");
        assertThat(refused(message(5, table(0, 100, Long.MAX_VALUE - 5, 0)), 1)).contains("front-end address");
        assertThat(refused(message(5, table(0, 100, 0, Long.MAX_VALUE - 5)), 1)).contains("map offset");
        String two = "0200000000000000" + region(0, 0x1000, 0, 0) + region(0xfff, 1, 0x8000, 0);
        assertThat(refused(message(5, two), 2)).contains("do not overlap").contains("guest 0xfff, 1 bytes");
        assertThat(refused(message(5, table(0, 0x1000, 0, 0)), 2)).contains("expected 1 descriptors, found 2");
    }

    @Test
    void after_nonsense_nothing_more_is_understood() {
        MessageAssembler assembler = new MessageAssembler();
        Decoded first = assembler.accept(header(1, 0x0, 0), 0).orElseThrow();
        ByteBuffer good = header(1, 0x1, 0);

        assertThat(assembler.accept(good, 0)).contains(first);
        assertThat(good.remaining()).isZero();
        assertThat(assembler.bytesWanted()).isZero();
    }

    @Test
    void an_unknown_request_is_a_message_with_any_load_and_descriptors() {
        assertThat(new MessageAssembler().accept(message(200, "0102030405"), 3))
                .contains(new Decoded.Understood(200, new Message.Unknown(200), false));
    }

    /// Codes that exist and payloads that do not fit: nothing is thrown and nothing is read beyond the
    /// message.
    @Test
    void random_bytes_are_understood_or_refused() {
        int understood = 0;
        int refused = 0;
        for (int seed = 0; seed < 100_000; seed++) {
            Random random = new Random(seed);
            int size = List.of(0, 4, 8, 12, 20, 40, 72, 100).get(random.nextInt(8));
            ByteBuffer bytes = ByteBuffer.allocate(12 + size).order(ByteOrder.LITTLE_ENDIAN);
            bytes.putInt(random.nextInt(40))
                    .putInt(random.nextInt(20) == 0 ? random.nextInt() : 1)
                    .putInt(size);
            while (bytes.remaining() >= 4) {
                bytes.putInt(random.nextBoolean() ? random.nextInt(3) : random.nextInt());
            }
            var decoded = new MessageAssembler().accept(bytes.rewind(), random.nextInt(4));
            if (decoded.orElseThrow() instanceof Decoded.Understood) {
                understood++;
            } else {
                refused++;
            }
        }
        assertThat(understood).isGreaterThan(10_000);
        assertThat(refused).isGreaterThan(10_000);
    }

    private static String refused(ByteBuffer bytes, int fds) {
        return ((Decoded.Malformed) new MessageAssembler().accept(bytes, fds).orElseThrow()).reason();
    }

    private static ByteBuffer header(int code, int flags, int size) {
        return ByteBuffer.allocate(12)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(code)
                .putInt(flags)
                .putInt(size)
                .flip();
    }

    private static ByteBuffer message(int code, String payload) {
        byte[] bytes = HexFormat.of().parseHex(payload);
        return ByteBuffer.allocate(12 + bytes.length)
                .put(header(code, 1, bytes.length))
                .put(bytes)
                .flip();
    }

    private static String table(long guest, long size, long frontEnd, long offset) {
        return "0100000000000000" + region(guest, size, frontEnd, offset);
    }

    private static String region(long guest, long size, long frontEnd, long offset) {
        ByteBuffer bytes = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
        return HexFormat.of()
                .formatHex(bytes.putLong(guest)
                        .putLong(size)
                        .putLong(frontEnd)
                        .putLong(offset)
                        .array());
    }

    private static ByteBuffer hex(String text) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(text));
    }
}
