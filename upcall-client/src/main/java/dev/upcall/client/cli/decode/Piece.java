package dev.upcall.client.cli.decode;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;

/// Bytes that went one way at one time.
///
/// @param line where it stands in the input, from 1; 0 for one that was not read
/// @param time as written; empty where the form has none
/// @param label what a vector calls it; empty where the form has none
/// @param bytes all of them, trailing zeros included; read-only, position 0
/// @param wholeLength false where the line did not say how many zeros follow
public record Piece(int line, String time, String label, Direction direction, ByteBuffer bytes, boolean wholeLength) {
    private static final DateTimeFormatter MICROSECONDS = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    public Piece {
        bytes = bytes.asReadOnlyBuffer();
    }

    /// The line of a trace file.
    public static String traceLine(Instant time, boolean toGuest, ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        int end = copy.length;
        while (end > 0 && copy[end - 1] == 0) {
            end--;
        }
        Direction direction = toGuest ? Direction.TO_GUEST : Direction.FROM_GUEST;
        return MICROSECONDS.format(time) + " " + direction.sign() + " " + copy.length + " "
                + (end == 0 ? "-" : HexFormat.of().formatHex(copy, 0, end));
    }

    Piece with(Direction known) {
        return new Piece(line, time, label, known, bytes, wholeLength);
    }
}
