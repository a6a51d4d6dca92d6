package dev.upcall.client.cli;

/// What the program's exit code says. The names are the `error` field of JSON output.
enum ExitCode {
    DONE(0, "done"),
    REFUSED(1, "the guest refused: its errno by name, and what it means for this operation"),
    USAGE(2, "the command line or an input file is not right; nothing was changed"),
    NOT_CONNECTED(3, "not connected in time, with the reason"),
    NOT_SENT(4, "connected, but the request was not sent in time; the guest did not see it"),
    OUTCOME_UNKNOWN(5, "the request was sent and its outcome is unknown: the guest may have changed"),
    UNSAFE(6, "refused here, because it would harm the guest; nothing was sent"),
    PROTOCOL_BROKEN(7, "the peer broke the protocol"),
    BUG(70, "a bug of this program"),
    INTERRUPTED(130, "ended by a signal while no request was out");

    private final int code;
    private final String sentence;

    ExitCode(int code, String sentence) {
        this.code = code;
        this.sentence = sentence;
    }

    int code() {
        return code;
    }

    String sentence() {
        return sentence;
    }
}
