package dev.upcall.client.cli.decode;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.upcall.proto.hybrid.Escaped;
import dev.upcall.proto.wire.FrameLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/// Reads a line of recorded traffic, whichever of the three forms it has.
public final class LineReader {
    /// 128 KiB of bytes: more than any transport hands over at once.
    public static final int CHARACTERS_MAX = 256 * 1024;

    private static final int BYTES_MAX = CHARACTERS_MAX / 2;
    private static final int SHOWN_MAX = 60;
    private static final Pattern SPACE = Pattern.compile("\\s+");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,6}");
    private static final String FORMS = "hex digits, a --trace line or a JSON vector";
    private static final JsonFactory JSON = new JsonFactory();

    private LineReader() {}

    /// Empty for a line that says nothing.
    ///
    /// @param number of the line, for whoever reads the explanation
    /// @throws MalformedRecordException when the line is of none of the forms
    public static Optional<Piece> read(String line, int number) throws MalformedRecordException {
        String text = line.strip();
        if (text.isEmpty() || text.startsWith("#")) {
            return Optional.empty();
        }
        if (text.length() > CHARACTERS_MAX) {
            throw new MalformedRecordException(
                    "expected a line of at most " + CHARACTERS_MAX + " characters, found more");
        }
        if (text.startsWith("{")) {
            return vector(text, number);
        }
        String[] words = SPACE.split(text);
        Direction first = direction(words[0]);
        if (words.length == 4 && first == Direction.UNSAID) {
            return Optional.of(trace(words, number));
        }
        if (words.length == 2 && first != Direction.UNSAID) {
            return Optional.of(bare(first, words[1], number));
        }
        if (words.length == 1 && first == Direction.UNSAID) {
            return Optional.of(bare(Direction.UNSAID, words[0], number));
        }
        throw expected(FORMS, text);
    }

    private static Piece trace(String[] words, int number) throws MalformedRecordException {
        try {
            Instant.parse(words[0]);
        } catch (DateTimeParseException e) {
            throw expected("a time such as 2026-11-21T10:00:00.123456Z", words[0]);
        }
        Direction direction = direction(words[1]);
        if (direction == Direction.UNSAID) {
            throw expected("H->G or G->H", words[1]);
        }
        if (!LENGTH.matcher(words[2]).matches()) {
            throw expected("a length in bytes", words[2]);
        }
        ByteBuffer bytes = extended(hex(words[3].equals("-") ? "" : words[3]), Integer.parseInt(words[2]));
        return new Piece(number, words[0], "", direction, bytes, true);
    }

    /// Text lines and the service byte are as long as they are written; anything else is a frame whose zeros were
    /// left out.
    private static Piece bare(Direction direction, String digits, int number) throws MalformedRecordException {
        byte[] bytes = hex(digits);
        boolean asWritten = bytes.length == 1 || Texts.isLine(ByteBuffer.wrap(bytes));
        int length = asWritten ? bytes.length : Math.max(bytes.length, FrameLayout.FRAME_BYTES);
        return new Piece(number, "", "", direction, extended(bytes, length), asWritten);
    }

    private static Optional<Piece> vector(String text, int number) throws MalformedRecordException {
        String direction = "";
        String hex = "";
        String label = "";
        int length = -1;
        try (JsonParser json = JSON.createParser(text)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                JsonToken value = json.nextToken();
                switch (name) {
                    case "direction" -> direction = text(json, value, name);
                    case "hex" -> hex = text(json, value, name);
                    case "label" -> label = text(json, value, name);
                    case "len" -> length = number(json, value);
                    default -> json.skipChildren();
                }
            }
        } catch (JsonProcessingException e) {
            throw new MalformedRecordException("not a JSON object: " + Escaped.text(e.getOriginalMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException("a text in memory cannot be read", e);
        }
        if (direction.isEmpty() && hex.isEmpty()) {
            return Optional.empty(); // a capture's remark about what happened beside the wire
        }
        Direction which = direction(direction);
        if (which == Direction.UNSAID && !direction.isEmpty()) {
            throw expected("a direction of H->G or G->H", direction);
        }
        if (length < 0) {
            return Optional.of(bare(which, hex, number));
        }
        return Optional.of(new Piece(number, "", label, which, extended(hex(hex), length), true));
    }

    private static String text(JsonParser json, JsonToken value, String name)
            throws IOException, MalformedRecordException {
        if (value != JsonToken.VALUE_STRING) {
            throw expected("text as \"" + name + "\"", json.getText());
        }
        return json.getText();
    }

    private static int number(JsonParser json, JsonToken value) throws IOException, MalformedRecordException {
        if (value != JsonToken.VALUE_NUMBER_INT
                || !LENGTH.matcher(json.getText()).matches()) {
            throw expected("a length in bytes as \"len\"", json.getText());
        }
        return json.getIntValue();
    }

    private static byte[] hex(String digits) throws MalformedRecordException {
        try {
            return HexFormat.of().parseHex(digits);
        } catch (IllegalArgumentException e) {
            throw expected(digits.length() % 2 == 0 ? "hex digits" : "an even number of hex digits", digits);
        }
    }

    private static ByteBuffer extended(byte[] bytes, int length) throws MalformedRecordException {
        if (length > BYTES_MAX) {
            throw expected("at most " + BYTES_MAX + " bytes", Integer.toString(length));
        }
        if (bytes.length > length) {
            throw new MalformedRecordException(
                    "expected at most the " + length + " bytes the line speaks of, found " + bytes.length);
        }
        return ByteBuffer.wrap(java.util.Arrays.copyOf(bytes, length));
    }

    private static Direction direction(String sign) {
        return switch (sign) {
            case "H->G" -> Direction.TO_GUEST;
            case "G->H" -> Direction.FROM_GUEST;
            default -> Direction.UNSAID;
        };
    }

    private static MalformedRecordException expected(String what, String found) {
        String shown = found.length() <= SHOWN_MAX ? found : found.substring(0, SHOWN_MAX) + "...";
        return new MalformedRecordException("expected " + what + ", found \"" + Escaped.text(shown) + "\"");
    }
}
