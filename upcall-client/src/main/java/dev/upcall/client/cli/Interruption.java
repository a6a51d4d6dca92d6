package dev.upcall.client.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What a signal meets: the work under way says what is known of it, and how the program then ends.
///
/// Thread-safe. [#signalled] is the whole shutdown path; only [Main] ties it to the JVM.
final class Interruption {
    /// Work that a signal may end.
    @FunctionalInterface
    interface Work {
        /// Prints what is known and names the exit code. Called on the shutdown thread, at most once.
        ExitCode interrupted();
    }

    private final List<Runnable> alsoDone = new ArrayList<>();
    private @Nullable Work underWay;

    /// How the program ends, once a signal has met work: whatever the command still finds out comes too late.
    private @Nullable ExitCode verdict;

    /// What else is to be done before the program ends by a signal.
    synchronized void also(Runnable task) {
        alsoDone.add(task);
    }

    synchronized void begins(Work work) {
        underWay = work;
    }

    /// Starts the work and knows of it in one: a signal meets none of it or all of it.
    synchronized <W extends Work> W begins(Supplier<W> start) {
        W work = start.get();
        underWay = work;
        return work;
    }

    synchronized void ends() {
        underWay = null;
    }

    /// Empty when nothing is under way: the program is ending by itself.
    synchronized Optional<ExitCode> signalled() {
        Work work = underWay;
        underWay = null;
        alsoDone.forEach(Runnable::run);
        if (work == null) {
            return Optional.empty();
        }
        ExitCode exit = work.interrupted();
        verdict = exit;
        return Optional.of(exit);
    }

    /// How the program ends if a signal has had the last word. Waits for it to be said.
    synchronized Optional<ExitCode> verdict() {
        return Optional.ofNullable(verdict);
    }
}
