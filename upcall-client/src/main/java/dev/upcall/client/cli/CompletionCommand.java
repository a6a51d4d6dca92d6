package dev.upcall.client.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// `upcall completion`: the shell's tab completion.
@Command(
        name = "completion",
        description = "Print a completion script for bash and zsh.",
        footer = {"", "Example: source <(upcall completion)"})
final class CompletionCommand implements Callable<Integer> {
    private final Program program;
    private final CommandLine top;

    CompletionCommand(Program program, CommandLine top) {
        this.program = program;
        this.top = top;
    }

    @Override
    public Integer call() {
        program.surroundings().out().print(AutoComplete.bash("upcall", top));
        program.surroundings().out().flush();
        return ExitCode.DONE.code();
    }
}
