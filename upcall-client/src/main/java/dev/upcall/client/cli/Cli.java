package dev.upcall.client.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// The command line as a function: words and surroundings in, output and an exit code out.
final class Cli {
    /// In the order of the help.
    private static final List<String> NAMES = List.of(
            "demo",
            "status",
            "ping",
            "cpu",
            "mmio",
            "pci",
            "plan",
            "watch",
            "decode",
            "bridge",
            "guest-stub",
            "completion",
            "man");

    /// These speak of the other commands.
    private static final Set<String> WANT_ALL = Set.of("-h", "--help", "completion", "man");

    private final Surroundings surroundings;
    private final Interruption interruption;

    Cli(Surroundings surroundings, Interruption interruption) {
        this.surroundings = surroundings;
        this.interruption = interruption;
    }

    int run(String... words) {
        UpcallCommand flags = new UpcallCommand();
        Program program = new Program(surroundings, flags, interruption);
        try {
            int exit = commands(program, flags, List.of(words)).execute(words);
            return interruption.verdict().map(ExitCode::code).orElse(exit);
        } catch (RuntimeException | Error e) {
            return bug(program, e);
        } finally {
            surroundings.out().flush();
            surroundings.err().flush();
        }
    }

    /// Only the commands whose name occurs: reading all their annotations would double the start-up time. Where none
    /// does, or all are wanted, there are all.
    private CommandLine commands(Program program, UpcallCommand flags, List<String> words) {
        CommandLine top = new CommandLine(flags);
        boolean some =
                words.stream().anyMatch(NAMES::contains) && words.stream().noneMatch(WANT_ALL::contains);
        for (String name : NAMES) {
            if (!some || words.contains(name)) {
                add(top, program, name);
            }
        }
        top.setExpandAtFiles(false);
        top.setAllowOptionsAsOptionParameters(false);
        top.setOut(surroundings.out());
        top.setErr(surroundings.err());
        top.setParameterExceptionHandler((e, given) -> misread(program, e, given));
        top.setExecutionExceptionHandler((e, _, _) -> failed(program, e));
        HelpLayout.applyTo(top);
        return top;
    }

    private static void add(CommandLine top, Program program, String name) {
        switch (name) {
            case "status" -> top.addSubcommand(new StatusCommand(program));
            case "ping" -> top.addSubcommand(new PingCommand(program));
            case "cpu" -> CpuCommand.addTo(top, program);
            case "mmio" -> MmioCommand.addTo(top, program);
            case "pci" -> PciCommand.addTo(top, program);
            case "plan" -> PlanCommand.addTo(top, program);
            case "watch" -> top.addSubcommand(new WatchCommand(program));
            case "decode" -> top.addSubcommand(new DecodeCommand(program));
            case "bridge" -> top.addSubcommand(new BridgeCommand(program));
            case "demo" -> top.addSubcommand(new DemoCommand(program));
            case "guest-stub" -> top.addSubcommand(new GuestStubCommand());
            case "completion" -> top.addSubcommand(new CompletionCommand(program, top));
            case "man" -> top.addSubcommand(new ManCommand(program, top));
            default -> throw new IllegalArgumentException("no such command: " + name);
        }
    }

    private int misread(Program program, ParameterException e, String[] words) {
        // The flag may stand behind the word that could not be read.
        boolean json = program.json() || List.of(words).contains("--json");
        Printer printer = new Printer(surroundings.out(), surroundings.err(), json);
        printer.print(Failure.usage(sentence(e)));
        return ExitCode.USAGE.code();
    }

    private static String sentence(ParameterException e) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        StringBuilder sentence = new StringBuilder(String.valueOf(e.getMessage()));
        if (e instanceof UnmatchedArgumentException unmatched
                && !unmatched.getSuggestions().isEmpty()) {
            sentence.append("; did you mean ").append(unmatched.getSuggestions().getFirst());
        }
        return sentence.append(" (see ").append(command).append(" --help)").toString();
    }

    private static int failed(Program program, Exception e) {
        Optional<ExitCode> verdict = program.interruption().verdict();
        if (verdict.isPresent()) {
            return verdict.get().code(); // what is known has been said, and this is what the signal made of it
        }
        if (e instanceof Failure failure) {
            program.printer().print(failure);
            return failure.exit().code();
        }
        return bug(program, e);
    }

    private static int bug(Program program, Throwable e) {
        program.interruption().ends();
        program.printer()
                .print(new Failure(
                                ExitCode.BUG,
                                e.getClass().getSimpleName(),
                                "a bug of this program: " + e + at(e) + "; please report it, with the output of -v")
                        .with(
                                "trace",
                                Arrays.stream(e.getStackTrace())
                                        .map(StackTraceElement::toString)
                                        .toList()));
        if (program.verbose() && !program.json()) {
            e.printStackTrace(program.surroundings().err());
            program.surroundings().err().flush();
        }
        return ExitCode.BUG.code();
    }

    private static String at(Throwable e) {
        return e.getStackTrace().length == 0 ? "" : " at " + e.getStackTrace()[0];
    }
}
