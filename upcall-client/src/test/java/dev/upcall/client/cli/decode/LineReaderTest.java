package dev.upcall.client.cli.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Lines of the three forms, and lines of none.
class LineReaderTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "# a remark", "{}", "{\"scenario\": \"meta\", \"hex\": \"\", \"len\": 0}"})
    void says_nothing(String line) throws Exception {
        assertThat(LineReader.read(line, 1)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "0g | expected hex digits, found \"0g\"",
                "123 | even number of hex digits",
                "a b | expected hex digits, a --trace line or a JSON vector",
                "H>G 00 | expected hex digits, a --trace line",
                "2026-11-21 H->G 1 64 | expected a time",
                "2026-11-21T10:00:00Z X->G 1 64 | expected H->G or G->H",
                "2026-11-21T10:00:00Z H->G x 64 | expected a length in bytes",
                "2026-11-21T10:00:00Z H->G 1 6400 | at most the 1 bytes",
                "2026-11-21T10:00:00Z H->G 999999 64 | at most 131072 bytes",
                "{\"direction\": \"up\", \"hex\": \"00\"} | direction of H->G or G->H",
                "{\"direction\": 5, \"hex\": \"00\"} | text as \"direction\"",
                "{\"direction\": \"H->G\", \"hex\": \"00\", \"len\": -1} | a length in bytes as \"len\"",
                "{\"direction\": \"H->G\", | not a JSON object",
                "a\u001b[31m | found \"a\\x1b[31m\""
            })
    void is_refused_in_a_sentence(String line, String part) {
        assertThatThrownBy(() -> LineReader.read(line, 1))
                .isInstanceOf(MalformedRecordException.class)
                .hasMessageContaining(part);
    }

    @Test
    void a_line_without_end_is_refused_and_not_held() {
        assertThatThrownBy(() -> LineReader.read("0".repeat(LineReader.CHARACTERS_MAX + 1), 1))
                .isInstanceOf(MalformedRecordException.class)
                .hasMessageContaining("at most");
    }

    @Test
    void random_text_is_read_or_refused_and_nothing_else() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(25);
        String alphabet = "0123456789abcdefH->G {}\":,TZ.#\u0000\u001bé";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder line = new StringBuilder();
            int length = random.nextInt(40);
            for (int j = 0; j < length; j++) {
                line.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            try {
                LineReader.read(line.toString(), 1);
            } catch (MalformedRecordException e) {
                assertThat(e).hasMessageNotContaining("\u001b");
            }
        }
    }
}
