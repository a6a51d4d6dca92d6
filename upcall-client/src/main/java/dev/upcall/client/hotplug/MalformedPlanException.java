package dev.upcall.client.hotplug;

/// A plan file is not one. The message is one sentence: where, what was expected, what was found.
public final class MalformedPlanException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedPlanException(String message) {
        super(message);
    }
}
