package dev.upcall.client.cli.decode;

import dev.upcall.proto.hybrid.Escaped;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// Tells the hybrid lines from frames: no frame of any dialect starts with these letters.
final class Texts {
    private Texts() {}

    static boolean isLine(ByteBuffer bytes) {
        return isConnect(bytes) || isOk(bytes);
    }

    static boolean isConnect(ByteBuffer bytes) {
        return starts(bytes, "CONNECT ");
    }

    static boolean isOk(ByteBuffer bytes) {
        return starts(bytes, "OK ");
    }

    /// The first bytes as text that can be shown.
    static String shown(ByteBuffer bytes, int length) {
        byte[] start = new byte[length];
        bytes.get(bytes.position(), start);
        return Escaped.text(new String(start, StandardCharsets.ISO_8859_1));
    }

    private static boolean starts(ByteBuffer bytes, String word) {
        if (bytes.remaining() < word.length()) {
            return false;
        }
        byte[] start = new byte[word.length()];
        bytes.get(bytes.position(), start);
        return new String(start, StandardCharsets.ISO_8859_1)
                .toUpperCase(Locale.ROOT)
                .equals(word);
    }
}
