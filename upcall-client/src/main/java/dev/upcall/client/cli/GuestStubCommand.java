package dev.upcall.client.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `upcall guest-stub`: here only for the help. The launcher starts the stub's own program, because the client does
/// not know the stub.
@Command(
        name = "guest-stub",
        description = "Play a guest for tests: upcall guest-stub --help says how.",
        footer = {"", "Example: upcall guest-stub --help"})
final class GuestStubCommand implements Callable<Integer> {
    @Parameters(arity = "0..*", paramLabel = "WORDS", description = "See upcall guest-stub --help.")
    List<String> words = List.of();

    @Override
    public Integer call() throws Failure {
        throw Failure.usage("guest-stub is a program of its own: write it first, as in ./upcall guest-stub --help");
    }
}
