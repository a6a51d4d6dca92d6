package dev.upcall.client.cli;

import java.io.File;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.codegen.docgen.manpage.ManPageGenerator;

/// `upcall man`: a manual page for each command, in AsciiDoc, from the same text as `--help`.
@Command(
        name = "man",
        description = {
            "Write a manual page for each command into a folder, in AsciiDoc: upcall.adoc, upcall-cpu.adoc, ...",
            "asciidoctor -b manpage (Debian: apt install asciidoctor) turns them into what man reads."
        },
        footer = {
            "",
            "Example:",
            "  upcall man target/man",
            "  asciidoctor -b manpage target/man/*.adoc",
            "  man target/man/upcall.1"
        })
final class ManCommand implements Callable<Integer> {
    private final Program program;
    private final CommandLine top;

    @Parameters(index = "0", paramLabel = "DIR", description = "Where to; made if it is missing.")
    String folder = "";

    ManCommand(Program program, CommandLine top) {
        this.program = program;
        this.top = top;
    }

    @Override
    public Integer call() throws Failure {
        File into = new File(folder);
        try {
            int failed = ManPageGenerator.generateManPage(into, null, new boolean[0], true, top.getCommandSpec());
            if (failed != 0) {
                throw Failure.usage("DIR: cannot write manual pages into " + folder);
            }
        } catch (IOException e) {
            throw Failure.usage("DIR: cannot write manual pages into " + folder + ": " + Syntax.reason(e));
        }
        program.printer()
                .print(Report.of("manual pages are in " + folder)
                        .with("command", "man")
                        .with("folder", folder));
        return ExitCode.DONE.code();
    }
}
