package dev.upcall.client.cli;

import java.util.function.Supplier;

/// One run of the program: what it got from outside, the common options, where it prints, and what a signal meets.
final class Program {
    private final Surroundings surroundings;
    private final UpcallCommand flags;
    private final Interruption interruption;

    Program(Surroundings surroundings, UpcallCommand flags, Interruption interruption) {
        this.surroundings = surroundings;
        this.flags = flags;
        this.interruption = interruption;
    }

    Surroundings surroundings() {
        return surroundings;
    }

    Interruption interruption() {
        return interruption;
    }

    /// The common options, read and valid.
    ///
    /// @throws Failure about the first that is not
    GuestSettings settings() throws Failure {
        return GuestSettings.of(flags, surroundings.environment());
    }

    boolean json() {
        return flags.json;
    }

    boolean verbose() {
        return flags.verbose.length > 0;
    }

    /// Both streams as they are now: `--json` is known once the command line is parsed.
    Printer printer() {
        return new Printer(surroundings.out(), surroundings.err(), flags.json);
    }

    /// Shows on a terminal what is being waited for, if it takes long; nothing in a pipe.
    Progress progress(Supplier<String> what) {
        return surroundings.terminal() && !flags.json ? Progress.on(surroundings.err(), what) : Progress.silent();
    }
}
