package dev.upcall.stub.cli;

import dev.upcall.proto.hybrid.Escaped;
import dev.upcall.stub.agent.Extensions;
import dev.upcall.stub.linux.LinuxPlan;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The options of `--machine linux`: the kernel this process runs on.
final class LinuxArguments {

    private static final String MODEL = "model";
    private static final String LINUX = "linux";

    /// The JDK's name for x86-64.
    private static final String X86_64 = "amd64";

    /// What only a model can be told to be or to do.
    private static final List<String> OF_MODELS = List.of(
            "--kernel",
            "--possible-cpus",
            "--cpu-table",
            "--boot-cpus",
            "--vcpus",
            "--pci",
            "--vsock-pci",
            "--mmio-devices",
            "--vcpu-start-timeout",
            "--mood");

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    @Option(
            names = "--machine",
            paramLabel = "WHICH",
            defaultValue = MODEL,
            description =
                    "What carries requests out: model, a kernel that is played, or linux, the kernel this runs on,"
                            + " through sysfs, as root, with extensions (default: ${DEFAULT-VALUE}).")
    private String machine = MODEL;

    @Option(
            names = "--dry-run",
            description = "With --machine linux: say what would be written to sysfs instead of writing it. Requests are"
                    + " answered as if it had worked; the guest does not change.")
    private boolean dryRun;

    /// Empty when the machine is a model.
    ///
    /// @param architecture the system property `os.arch`
    /// @param notes told what people should know
    /// @throws IllegalArgumentException in one sentence that quotes what was found
    Optional<LinuxPlan> plan(String architecture, Consumer<String> notes) {
        if (machine.equals(MODEL)) {
            if (dryRun) {
                throw new IllegalArgumentException(
                        "--dry-run: a model writes nothing anyway; it goes with --machine linux, found --machine model");
            }
            return Optional.empty();
        }
        if (!machine.equals(LINUX)) {
            throw new IllegalArgumentException(
                    "--machine: a machine is model or linux, found \"" + Escaped.text(machine) + "\"");
        }
        String foreign = OF_MODELS.stream().filter(this::isGiven).collect(Collectors.joining(", "));
        if (!foreign.isEmpty()) {
            throw new IllegalArgumentException("--machine linux is the kernel that runs, as it is: leave out " + foreign
                    + ", which say what a model shall be");
        }
        if (!architecture.equals(X86_64)) {
            throw new IllegalArgumentException("--machine linux serves x86-64 guests (os.arch amd64), found os.arch \""
                    + Escaped.text(architecture) + "\"");
        }
        return Optional.of(LinuxPlan.ofThisKernel(dryRun, notes));
    }

    /// On unless they are switched off.
    static Optional<Extensions> extensions(LinuxPlan plan, @Nullable Boolean wanted) {
        return wanted == null || wanted ? Optional.of(Extensions.of(plan.product())) : Optional.empty();
    }

    private boolean isGiven(String option) {
        return spec != null && spec.commandLine().getParseResult().hasMatchedOption(option);
    }
}
