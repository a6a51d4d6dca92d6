package dev.upcall.client.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/// Why a command did not do what it was asked: one sentence, an exit code, and facts for programs.
final class Failure extends Exception {
    private static final long serialVersionUID = 1L;

    private final ExitCode exit;
    private final String reason;
    private final transient Map<String, Object> facts = new LinkedHashMap<>();

    /// @param reason a stable name that a program can decide on, finer than the exit code; may be empty
    Failure(ExitCode exit, String reason, String message) {
        super(message);
        this.exit = exit;
        this.reason = reason;
    }

    static Failure usage(String message) {
        return new Failure(ExitCode.USAGE, "", message);
    }

    /// Adds a field to the JSON form. Returns this.
    Failure with(String name, Object value) {
        facts.put(name, value);
        return this;
    }

    ExitCode exit() {
        return exit;
    }

    String reason() {
        return reason;
    }

    String message() {
        return String.valueOf(getMessage());
    }

    Map<String, Object> facts() {
        return facts;
    }
}
