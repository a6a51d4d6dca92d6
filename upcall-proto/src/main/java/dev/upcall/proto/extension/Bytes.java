package dev.upcall.proto.extension;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/// Bytes that nobody changes: copied in, copied out, compared by content. Thread-safe.
public final class Bytes {

    public static final Bytes EMPTY = new Bytes(new byte[0]);

    /// More is only counted in [#toString].
    private static final int SHOWN_MAX = 32;

    private final byte[] bytes;

    private Bytes(byte[] bytes) {
        this.bytes = bytes;
    }

    public static Bytes of(byte[] bytes) {
        return bytes.length == 0 ? EMPTY : new Bytes(bytes.clone());
    }

    public static Bytes utf8(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Takes an array that its maker has no further use for.
    static Bytes owning(byte[] bytes) {
        return bytes.length == 0 ? EMPTY : new Bytes(bytes);
    }

    public int size() {
        return bytes.length;
    }

    public boolean isEmpty() {
        return bytes.length == 0;
    }

    public byte[] toArray() {
        return bytes.clone();
    }

    /// As UTF-8, with replacement characters where it is none.
    public String toUtf8() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /// For this package's codecs, which only read.
    byte[] shared() {
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes b && Arrays.equals(bytes, b.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /// In hexadecimal; long ones cut with their length.
    @Override
    public String toString() {
        String hex = HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, SHOWN_MAX));
        return bytes.length <= SHOWN_MAX ? hex : hex + "… (" + bytes.length + " bytes)";
    }
}
