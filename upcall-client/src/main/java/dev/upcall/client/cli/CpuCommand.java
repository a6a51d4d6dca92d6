package dev.upcall.client.cli;

import dev.upcall.proto.guest.CpuModel;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.Request;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `upcall cpu add|del|set`.
@Command(name = "cpu", description = "Add and remove CPUs.")
final class CpuCommand {
    private CpuCommand() {}

    static void addTo(CommandLine top, Program program) {
        CommandLine cpu = new CommandLine(new CpuCommand());
        top.addSubcommand(cpu);
        cpu.addSubcommand(new Add(program));
        cpu.addSubcommand(new Del(program));
        cpu.addSubcommand(new Set(program));
    }

    @Command(
            name = "add",
            description = {
                "Bring CPUs online; the VMM must have created their vCPUs.",
                "One request for each, in order, up to the first that fails."
            },
            footer = {"", "Examples:", "  upcall cpu add 2", "  upcall --present 0,1 cpu add --apic-id 2,3"})
    static final class Add implements Callable<Integer> {
        private final Program program;

        @Parameters(
                index = "0",
                arity = "0..1",
                paramLabel = "N",
                description = "How many: those with the lowest APIC ids that are not present.")
        @Nullable
        String count;

        @Option(names = "--apic-id", paramLabel = "LIST", description = "Exactly these, such as 1,2 or 4-7.")
        @Nullable
        String apicIds;

        @Option(names = "--batch", description = "All in one request: quicker, but a failure does not say how many.")
        boolean batch;

        Add(Program program) {
            this.program = program;
        }

        @Override
        public Integer call() throws Failure {
            GuestSettings settings = program.settings();
            List<ApicId> ids = chosen(count, apicIds, settings, "add");
            Hotplugging hotplugging = new Hotplugging(program, settings);
            return ids.isEmpty()
                    ? hotplugging.addCpus(Syntax.integer("N", String.valueOf(count), 1, Request.CPU_COUNT_MAX), batch)
                    : hotplugging.run(new Request.AddCpu(ids), batch);
        }
    }

    @Command(
            name = "del",
            description = {
                "Remove CPUs, highest slot first, one request for each, up to the first that fails.",
                "An extended guest is asked which CPUs it has; of a stock one --present must say it,",
                "because removing an absent CPU would crash it."
            },
            footer = {
                "",
                "Examples:",
                "  upcall cpu del --apic-id 2",
                "  upcall --present 0-2 cpu del --apic-id 2",
                "  upcall --kernel kata-arm64 --present 0-3 cpu del 1"
            })
    static final class Del implements Callable<Integer> {
        private final Program program;

        @Parameters(index = "0", arity = "0..1", paramLabel = "N", description = "kata-arm64: how many.")
        @Nullable
        String count;

        @Option(names = "--apic-id", paramLabel = "LIST", description = "Which, such as 2 or 2,3.")
        @Nullable
        String apicIds;

        @Option(names = "--batch", description = "All in one request: quicker, but a failure does not say how many.")
        boolean batch;

        Del(Program program) {
            this.program = program;
        }

        @Override
        public Integer call() throws Failure {
            GuestSettings settings = program.settings();
            List<ApicId> ids = chosen(count, apicIds, settings, "del");
            if (!ids.isEmpty()) {
                return new Hotplugging(program, settings).run(new Request.DelCpu(ids), batch);
            }
            if (settings.profile().cpuModel() != CpuModel.COUNT) {
                throw Failure.usage("cpu del N is for kata-arm64; a " + settings.profile()
                        + " guest removes CPUs by --apic-id LIST");
            }
            int wanted = Syntax.integer("N", String.valueOf(count), 1, Request.CPU_COUNT_MAX);
            return new Hotplugging(program, settings).run(new Request.DelCpuCount(wanted), batch);
        }
    }

    @Command(
            name = "set",
            description = "Add or remove CPUs until the guest has N, the boot CPU included; undone if one fails.",
            footer = {"", "Example: upcall --present 0,1 cpu set 4"})
    static final class Set implements Callable<Integer> {
        private final Program program;

        @Parameters(index = "0", paramLabel = "N", description = "How many CPUs the guest is to have.")
        String count = "";

        Set(Program program) {
            this.program = program;
        }

        @Override
        public Integer call() throws Failure {
            GuestSettings settings = program.settings();
            int wanted = Syntax.integer("N", count, 1, Request.CPU_COUNT_MAX);
            return new Hotplugging(program, settings).setCpus(wanted);
        }
    }

    /// The ids of `--apic-id`; empty when a count was given instead.
    private static List<ApicId> chosen(
            @Nullable String count, @Nullable String apicIds, GuestSettings settings, String verb) throws Failure {
        if ((count == null) == (apicIds == null)) {
            throw Failure.usage(
                    "cpu " + verb + " takes either N or --apic-id LIST, found " + (count == null ? "neither" : "both"));
        }
        if (apicIds == null) {
            return List.of();
        }
        if (settings.profile().cpuModel() == CpuModel.COUNT) {
            throw Failure.usage("--apic-id is for x86-64 guests; a " + settings.profile()
                    + " guest is told how many: cpu " + verb + " N");
        }
        return Syntax.apicIds("--apic-id", apicIds);
    }
}
