package dev.upcall.client.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

    /// What else is to be done before the program ends by a signal.
    synchronized void also(Runnable task) {
        alsoDone.add(task);
    }

    synchronized void begins(Work work) {
        underWay = work;
    }

    synchronized void ends() {
        underWay = null;
    }

    /// Empty when nothing is under way: the program is ending by itself.
    synchronized Optional<ExitCode> signalled() {
        Work work = underWay;
        underWay = null;
        alsoDone.forEach(Runnable::run);
        return work == null ? Optional.empty() : Optional.of(work.interrupted());
    }
}
