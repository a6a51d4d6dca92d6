package dev.upcall.proto.hybrid;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Gathers one line that ends in `\n` out of any pieces, and takes not one byte more.
///
/// Not thread-safe. Never holds more than [#LINE_BYTES_MAX] bytes.
final class HandshakeLine {

    /// `CONNECT 4294967295\n` has 19 bytes, `OK 4294967295\n` 14; 32 leaves room and bounds what a peer can make us
    /// hold.
    static final int LINE_BYTES_MAX = 32;

    private final byte[] bytes = new byte[LINE_BYTES_MAX];
    private int length;

    /// Takes bytes up to and including `\n`. The line without `\n` when it is whole, empty while more is needed.
    ///
    /// @throws MalformedLineException when 32 bytes hold no `\n`
    Optional<String> take(ByteBuffer input) throws MalformedLineException {
        while (input.hasRemaining()) {
            byte b = input.get();
            if (b == '\n') {
                return Optional.of(text());
            }
            if (length == LINE_BYTES_MAX - 1) {
                throw new MalformedLineException("expected a line of at most " + LINE_BYTES_MAX + " bytes, found \""
                        + Escaped.text(text()) + "\"…");
            }
            bytes[length++] = b;
        }
        return Optional.empty();
    }

    String text() {
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }
}
