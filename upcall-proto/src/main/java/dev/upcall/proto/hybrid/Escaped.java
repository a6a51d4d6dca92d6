package dev.upcall.proto.hybrid;

/// A peer's text made safe to show: control characters and everything outside ASCII as `\xNN`, quotes and backslashes
/// escaped.
public final class Escaped {

    private Escaped() {}

    public static String text(String raw) {
        StringBuilder out = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            switch (c) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '"', '\\' -> out.append('\\').append(c);
                default -> {
                    if (c >= 0x20 && c < 0x7f) {
                        out.append(c);
                    } else {
                        out.append(c <= 0xff ? "\\x%02x".formatted((int) c) : "\\u%04x".formatted((int) c));
                    }
                }
            }
        }
        return out.toString();
    }
}
