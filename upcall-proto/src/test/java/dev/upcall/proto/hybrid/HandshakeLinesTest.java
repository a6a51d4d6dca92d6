package dev.upcall.proto.hybrid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandshakeLinesTest {

    @Test
    void connect_is_written_in_decimal_with_a_newline() {
        assertThat(ConnectLine.bytes(ConnectLine.UPCALL_PORT)).isEqualTo(ascii("CONNECT 219\n"));
        assertThat(ConnectLine.bytes(ConnectLine.PORT_MAX)).isEqualTo(ascii("CONNECT 4294967294\n"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConnectLine.bytes(-1))
                .withMessageContaining(": -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConnectLine.bytes(0xFFFF_FFFFL))
                .withMessageContaining(": 4294967295");
    }

    @Test
    void an_ok_line_cut_anywhere_is_read_and_what_follows_stays() throws MalformedLineException {
        byte[] stream = ascii("OK 1073741824\nDMxx");
        for (int cut = 0; cut <= stream.length; cut++) {
            OkLine line = new OkLine();
            ByteBuffer first = ByteBuffer.wrap(stream, 0, cut);
            ByteBuffer second = ByteBuffer.wrap(stream, cut, stream.length - cut);

            boolean whole = line.accept(first) || line.accept(second);

            assertThat(whole).as("cut at %d", cut).isTrue();
            assertThat(first.remaining() + second.remaining())
                    .as("cut at %d", cut)
                    .isEqualTo(4);
        }
    }

    @Test
    void an_ok_line_is_read_from_single_bytes() throws MalformedLineException {
        OkLine line = new OkLine();
        byte[] stream = ascii("OK 7\n");
        for (int i = 0; i < stream.length; i++) {
            assertThat(line.accept(ByteBuffer.wrap(stream, i, 1))).isEqualTo(i == stream.length - 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"OK 0", "OK 4294967295", "OK 18446744073709551615"})
    void any_number_after_ok_will_do(String text) throws MalformedLineException {
        assertThat(new OkLine().accept(ByteBuffer.wrap(ascii(text + "\n")))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "OK", "OK ", "ok 1", "OK x", "OK -1", "OK 1 ", " OK 1", "KO 1", "OK 1\r", "HTTP/1.1 200 OK"})
    void anything_else_is_a_breach_and_is_quoted(String text) {
        assertThatExceptionOfType(MalformedLineException.class)
                .isThrownBy(() -> new OkLine().accept(ByteBuffer.wrap(ascii(text + "\n"))))
                .withMessageContaining("found \"" + Escaped.text(text) + "\"");
    }

    @Test
    void a_line_of_32_bytes_is_read_and_a_longer_one_is_a_breach() throws MalformedLineException {
        HandshakeLine longest = new HandshakeLine();
        assertThat(longest.take(ByteBuffer.wrap(ascii("x".repeat(31) + "\n")))).contains("x".repeat(31));

        HandshakeLine tooLong = new HandshakeLine();
        assertThat(tooLong.take(ByteBuffer.wrap(ascii("x".repeat(31))))).isEmpty();
        assertThatExceptionOfType(MalformedLineException.class)
                .isThrownBy(() -> tooLong.take(ByteBuffer.wrap(ascii("y"))))
                .withMessageContaining("at most 32 bytes")
                .withMessageContaining("x".repeat(31));
    }

    @Test
    void a_peers_text_is_escaped_before_it_is_shown() {
        assertThatExceptionOfType(MalformedLineException.class)
                .isThrownBy(() ->
                        new OkLine().accept(ByteBuffer.wrap(new byte[] {27, '[', '3', (byte) 0xE4, '"', '\n'})))
                .withMessageContaining("\\x1b[3\\xe4\\\"");
        assertThat(Escaped.text("a\tb\\\r\n")).isEqualTo("a\\tb\\\\\\r\\n");
        assertThat(Escaped.text("\u20ac\u007f")).isEqualTo("\\u20ac\\x7f");
    }

    @ParameterizedTest
    @ValueSource(strings = {"CONNECT 219\n", "connect 219\n", "Connect 219\r\n", "CONNECT 0000000219\n"})
    void a_server_reads_either_letter_case(String text) throws MalformedLineException {
        assertThat(new ConnectLine().accept(ByteBuffer.wrap(ascii(text)))).hasValue(219);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CONNECT\n",
                "CONNECT \n",
                "CONNECT x\n",
                "CONNECT 4294967295\n",
                "CONNECT -1\n",
                "CONNECT 99999999999\n",
                "\n"
            })
    void a_server_refuses_what_is_not_a_port(String text) {
        assertThatExceptionOfType(MalformedLineException.class)
                .isThrownBy(() -> new ConnectLine().accept(ByteBuffer.wrap(ascii(text))));
    }

    @Test
    void a_server_reads_connect_in_any_pieces_and_keeps_every_byte_behind_it() throws MalformedLineException {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            byte[] stream = ascii("CONNECT 219\ndrest of the stream");
            ConnectLine line = new ConnectLine();
            OptionalLong port = OptionalLong.empty();
            int at = 0;
            while (port.isEmpty()) {
                int end = Math.min(stream.length, at + 1 + random.nextInt(random.nextBoolean() ? 3 : 20));
                ByteBuffer piece = ByteBuffer.wrap(stream, at, end - at);
                port = line.accept(piece);
                at = piece.position();
            }

            assertThat(port).as("seed %d", seed).hasValue(219);
            assertThat(at).as("seed %d", seed).isEqualTo(12);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
