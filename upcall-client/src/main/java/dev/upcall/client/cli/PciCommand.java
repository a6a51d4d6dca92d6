package dev.upcall.client.cli;

import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Request;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `upcall pci add|del`.
@Command(name = "pci", description = "Add and remove PCI functions.")
final class PciCommand {
    private PciCommand() {}

    static void addTo(CommandLine top, Program program) {
        CommandLine pci = new CommandLine(new PciCommand());
        top.addSubcommand(pci);
        pci.addSubcommand(new Add(program));
        pci.addSubcommand(new Del(program));
    }

    /// Where it sits.
    static final class Function {
        @Parameters(index = "0", paramLabel = "B:S.F", description = "bus:slot.function in hexadecimal, as in lspci.")
        String text = "";

        PciFunction read() throws Failure {
            return Syntax.pci("B:S.F", text);
        }
    }

    @Command(
            name = "add",
            description = "Let the guest scan the function's slot; the VMM must have programmed its BARs.",
            footer = {"", "Example: upcall pci add 00:04.0"})
    static final class Add implements Callable<Integer> {
        private final Program program;

        @Mixin
        Function function = new Function();

        Add(Program program) {
            this.program = program;
        }

        @Override
        public Integer call() throws Failure {
            GuestSettings settings = program.settings();
            Request request = new Request.AddPci(function.read());
            return new Hotplugging(program, settings).run(request, false);
        }
    }

    @Command(
            name = "del",
            description = "Remove a function. Name with --vsock-pci the one this connection runs over.",
            footer = {"", "Example: upcall --vsock-pci 00:02.0 pci del 00:04.0"})
    static final class Del implements Callable<Integer> {
        private final Program program;

        @Mixin
        Function function = new Function();

        Del(Program program) {
            this.program = program;
        }

        @Override
        public Integer call() throws Failure {
            GuestSettings settings = program.settings();
            Request request = new Request.DelPci(function.read());
            return new Hotplugging(program, settings).run(request, false);
        }
    }
}
