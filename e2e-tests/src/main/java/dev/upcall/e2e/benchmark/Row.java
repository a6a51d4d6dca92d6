package dev.upcall.e2e.benchmark;

import java.io.IOException;
import java.util.List;

/// One question to the machine, with several contenders.
interface Row {

    String name();

    /// Asks. Throws [SkippedException] where this machine cannot answer.
    List<Measure> measure(Workshop workshop) throws IOException, InterruptedException;

    /// Why there is no answer.
    final class SkippedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        SkippedException(String reason) {
            super(reason);
        }
    }
}
