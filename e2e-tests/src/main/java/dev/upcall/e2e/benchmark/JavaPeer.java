package dev.upcall.e2e.benchmark;

import java.io.IOException;

/// A Java contender: a process that lives through all rounds, so that its code is compiled when it counts.
///
/// @param millis how long a round takes
record JavaPeer(String name, Child process, long millis) implements Contender {

    /// The compiler shares the one core with what it compiles: this is enough for everything hot to be done.
    private static final int WARM_UP_ROUNDS = 4;

    private static final long WARM_UP_MILLIS = 1500;

    @Override
    public void warmUp() throws IOException {
        for (int i = 0; i < WARM_UP_ROUNDS; i++) {
            process.ask("run " + WARM_UP_MILLIS);
        }
    }

    @Override
    public Answer round() throws IOException {
        return process.ask("run " + millis);
    }

    @Override
    public void close() {
        process.close();
    }
}
