package dev.upcall.proto.hybrid;

/// A peer's handshake line is not one. The message quotes it, escaped.
public final class MalformedLineException extends Exception {
    private static final long serialVersionUID = 1L;

    public MalformedLineException(String message) {
        super(message);
    }
}
