package dev.upcall.client.cli;

import dev.upcall.client.ClientRuntime;
import dev.upcall.client.transport.Target;
import dev.upcall.proto.message.PciFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;

/// `upcall demo`: the commands of this program, one after the other, against a guest stub in a process of its
/// own behind a real UNIX socket; and what the guest itself sees.
@Command(
        name = "demo",
        description = {
            "Start a guest stub, add two CPUs, a virtio-mmio device and a PCI function, and remove them again.",
            "Also shows what the guest refuses and what is never sent. Needs no guest, no root and no network."
        },
        footer = {"", "Example: upcall demo"})
final class DemoCommand implements Callable<Integer> {
    private static final PciFunction FUNCTION = PciFunction.parse("00:04.0");
    private static final String[] DEVICE = {"--base", "0xd0000000", "--size", "0x1000", "--irq", "6"};

    private final Program program;

    DemoCommand(Program program) {
        this.program = program;
    }

    @Override
    public Integer call() throws Failure {
        try (DemoGuest stub = DemoGuest.start()) {
            program.interruption().also(stub.ending());
            say("A guest with kernel " + DemoGuest.KERNEL + " runs as process " + stub.pid() + "; its VMM's socket is "
                    + stub.target());
            Cli cli = new Cli(around(stub.target()), program.interruption());
            DemoGuest.View before = show("before", stub);
            run(cli, ExitCode.DONE, "status");
            run(cli, ExitCode.DONE, "cpu", "add", "2");
            run(cli, ExitCode.DONE, device("add"));
            stub.plugIntoVmm(FUNCTION);
            run(cli, ExitCode.DONE, "pci", "add", FUNCTION.toString());
            DemoGuest.View after = show("after", stub);
            say("What the guest refuses, and what is not even sent:");
            run(cli, ExitCode.REFUSED, "cpu", "add", "--apic-id", "1");
            run(cli, ExitCode.UNSAFE, "--present", "0-2", "cpu", "del", "--apic-id", "3");
            run(cli, ExitCode.DONE, "pci", "del", FUNCTION.toString());
            run(cli, ExitCode.DONE, device("del"));
            run(cli, ExitCode.DONE, "--present", "0-2", "cpu", "set", "1");
            run(cli, ExitCode.DONE, "--json", "ping");
            DemoGuest.View end = show("at the end", stub);
            check(!after.equals(before) && end.equals(before), "the guest sees at the end what it saw before");
        }
        return ExitCode.DONE.code();
    }

    private static String[] device(String verb) {
        List<String> words = new ArrayList<>(List.of("mmio", verb));
        words.addAll(List.of(DEVICE));
        return words.toArray(String[]::new);
    }

    /// The same terminal for results and errors, so that they stand in their order, and one event loop for all.
    private Surroundings around(Target target) {
        Surroundings outer = program.surroundings();
        ClientRuntime runtime = outer.runtimes().apply(target);
        Function<Target, ClientRuntime> same = _ -> runtime;
        return new Surroundings(
                outer.in(),
                outer.out(),
                outer.out(),
                Map.of("UPCALL_TARGET", target.toString()),
                false,
                outer.ticker(),
                same);
    }

    /// Shows the command, carries it out, and holds its exit code against what it should be.
    private void run(Cli cli, ExitCode expected, String... words) throws Failure {
        List<String> all = new ArrayList<>(List.of(words));
        if (program.json()) {
            all.remove("--json");
            all.addFirst("--json");
        } else {
            program.printer().print(Report.of("$ upcall " + String.join(" ", words)));
        }
        int exit = cli.run(all.toArray(String[]::new));
        check(exit == expected.code(), String.join(" ", words) + " ends with " + expected.code() + ", found " + exit);
        if (exit != 0 && !program.json()) {
            program.printer().print(Report.of("(exit code " + exit + ", as it should be)"));
        }
    }

    private static void check(boolean holds, String claim) throws Failure {
        if (!holds) {
            throw new Failure(ExitCode.BUG, "DEMO", "the demonstration went wrong; expected that " + claim);
        }
    }

    private void say(String sentence) {
        program.printer().print(Report.of(sentence).with("command", "demo").with("message", sentence));
    }

    private DemoGuest.View show(String when, DemoGuest stub) throws Failure {
        DemoGuest.View view = stub.view();
        program.printer()
                .print(Report.of("The guest " + when + ": CPUs online " + view.cpus() + "; virtio-mmio "
                                + names(view.mmio()) + "; PCI " + names(view.pci()))
                        .with("command", "demo")
                        .with("when", when)
                        .with("cpus", view.cpus())
                        .with("mmio", view.mmio())
                        .with("pci", view.pci()));
        return view;
    }

    private static String names(List<String> devices) {
        return devices.isEmpty() ? "none" : String.join(" ", devices);
    }
}
