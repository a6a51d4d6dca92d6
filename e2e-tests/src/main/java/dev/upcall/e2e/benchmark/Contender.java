package dev.upcall.e2e.benchmark;

import java.io.IOException;

/// One of those that a row compares.
interface Contender extends AutoCloseable {

    String name();

    /// Brings it to its steady state, before the first round.
    default void warmUp() throws IOException {}

    Answer round() throws IOException;

    @Override
    default void close() {}
}
