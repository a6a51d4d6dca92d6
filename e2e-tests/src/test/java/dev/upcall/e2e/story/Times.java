package dev.upcall.e2e.story;

import java.time.Duration;

/// How long a story waits for what must happen. Nothing here is slept through: whoever waits is woken earlier.
final class Times {
    /// A JVM boots, a socket appears, a client dials: below a second where nothing else runs, ten times that in
    /// CI.
    static final Duration START = Duration.ofSeconds(20);

    /// What happens at once, on a machine that is busy with something else.
    static final Duration SOON = Duration.ofSeconds(10);

    /// Long enough that nothing a story does before it can take that long; never waited out.
    static final Duration NEVER = Duration.ofMinutes(1);

    /// A deadline that a story lets pass on purpose.
    static final Duration SHORT = Duration.ofMillis(300);

    private Times() {}
}
