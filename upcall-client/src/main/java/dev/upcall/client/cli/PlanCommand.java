package dev.upcall.client.cli;

import dev.upcall.client.hotplug.MalformedPlanException;
import dev.upcall.client.hotplug.PlanFile;
import dev.upcall.proto.hotplug.Plan;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `upcall plan apply`.
@Command(name = "plan", description = "Several changes that belong together.")
final class PlanCommand {
    private PlanCommand() {}

    static void addTo(CommandLine top, Program program) {
        CommandLine plan = new CommandLine(new PlanCommand());
        top.addSubcommand(plan);
        plan.addSubcommand(new Apply(program));
    }

    @Command(
            name = "apply",
            description = {
                "Carry out a plan (YAML or JSON), step by step.",
                "If a step fails, what was done is undone, and the exit code is the step's.",
                "An extended guest says itself which CPUs are present; the file says it of a stock one."
            },
            footer = {
                "",
                "A plan:",
                "  present: [0]",
                "  steps:",
                "    - add-cpu: {count: 2}",
                "    - add-mmio: {base: 0xd0000000, size: 0x1000, irq: 6}",
                "    - add-pci: \"00:04.0\"",
                "Example: upcall plan apply grow.yaml --dry-run"
            })
    static final class Apply implements Callable<Integer> {
        private final Program program;

        @Parameters(index = "0", paramLabel = "FILE", description = "The plan; - reads it from stdin.")
        String file = "";

        @Option(
                names = "--dry-run",
                description = "Only say what would be sent, by --present or the file; nothing is dialled.")
        boolean dryRun;

        Apply(Program program) {
            this.program = program;
        }

        @Override
        public Integer call() throws Failure {
            GuestSettings flags = program.settings();
            PlanFile plan = read();
            GuestSettings settings = flags.withDefaults(plan.kernel(), plan.present());
            Hotplugging hotplugging = new Hotplugging(program, settings);
            return dryRun ? dryRun(hotplugging, plan.plan()) : hotplugging.run(plan.plan(), true);
        }

        private PlanFile read() throws Failure {
            String text = new InputText(program.surroundings().in()).read("the plan", file, PlanFile.CHARACTERS_MAX);
            try {
                return PlanFile.parse(text);
            } catch (MalformedPlanException e) {
                throw Failure.usage(file + ": " + e.getMessage());
            }
        }

        private int dryRun(Hotplugging hotplugging, Plan plan) throws Failure {
            for (Plan.Preview each : hotplugging.dryRun(plan)) {
                Report report = new Report("would send " + each.request(), Answers.fields(each.request()))
                        .with("dry_run", true);
                Hotplugging.refuseIfUnsafe(each, "");
                program.printer().print(report);
            }
            return ExitCode.DONE.code();
        }
    }
}
