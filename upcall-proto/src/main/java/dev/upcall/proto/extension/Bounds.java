package dev.upcall.proto.extension;

/// What the records of this package are held to; the value is in the message.
final class Bounds {

    private Bounds() {}

    static void requireAtLeast(String what, long value, long min) {
        if (value < min) {
            throw new IllegalArgumentException(what + " must be at least " + min + ": " + value);
        }
    }

    static void requireRange(String what, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(what + " must be " + min + " to " + max + ": " + value);
        }
    }

    static void requireSize(String what, int size, int max) {
        if (size > max) {
            throw new IllegalArgumentException(what + " must be at most " + max + " bytes: " + size);
        }
    }
}
