package dev.upcall.client.cli.decode;

/// A line of recorded traffic is not one. The message is one sentence with what was expected and found.
public final class MalformedRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedRecordException(String message) {
        super(message);
    }
}
