package dev.upcall.stub.cli;

/// How the program ends.
enum ExitCode {
    /// The stub was closed in order, or the command was carried out.
    OK(0),
    /// What the user wrote is wrong.
    USAGE(2),
    /// The machine underneath does not let us: no such folder, a socket in use, nobody answers.
    FAILED(70),
    /// The guest has crashed on demand; the number of a process that was killed.
    CRASHED(137);

    private final int number;

    ExitCode(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
