package dev.upcall.e2e;

/// One program that a story starts and hurts. What a power cut, a scheduler or an operator does to a process.
public sealed interface Program extends AutoCloseable permits ProgramProcess, ProgramContainer {
    /// Starts it, for the first time or again. Does not wait until it is ready.
    void start();

    /// Ends it without a word, as a power cut would: it cannot clean up.
    void kill();

    /// Takes it off the processor; its sockets stay open and what is sent to it waits.
    void pause();

    /// Lets it go on where it stood.
    void unpause();

    /// All it printed since its first start.
    ConsoleLog console();

    /// Ends it, if it still runs.
    @Override
    void close();
}
