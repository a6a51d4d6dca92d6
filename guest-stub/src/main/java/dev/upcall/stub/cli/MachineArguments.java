package dev.upcall.stub.cli;

import dev.upcall.proto.guest.CpuModel;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.hybrid.Escaped;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.stub.agent.Extensions;
import dev.upcall.stub.machine.MachineConfig;
import dev.upcall.stub.syntax.WrittenDuration;
import dev.upcall.stub.syntax.WrittenIds;
import dev.upcall.stub.syntax.WrittenMmio;
import dev.upcall.stub.syntax.WrittenPci;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options that say what the guest is.
final class MachineArguments {

    private static final String NONE = "none";

    /// Not a kernel that ships: the machine of a 6.12 one, and the extensions over it.
    private static final String EXTENDED = "extended";

    /// What is underneath.
    private static final GuestProfile EXTENDED_MACHINE = GuestProfile.KATA_6_12;

    @Option(
            names = "--kernel",
            paramLabel = "NAME",
            defaultValue = "kata-6.12",
            description = "Which guest kernel: kata-5.10, kata-6.1, kata-6.12, kata-6.18, kata-arm64, or extended: the"
                    + " machine of kata-6.12 with extensions (default: ${DEFAULT-VALUE}).")
    private String kernel = "kata-6.12";

    @Option(
            names = "--extensions",
            negatable = true,
            description = "Serve the extensions over any kernel: handshake, probes, events, inventory, exactly-once"
                    + " (default: with --kernel extended and --machine linux).")
    private @Nullable Boolean extensions;

    @Option(
            names = "--possible-cpus",
            paramLabel = "N",
            defaultValue = "4",
            description = "The kernel's possible_cpus, 1 to 255 (default: ${DEFAULT-VALUE}).")
    private String possibleCpus = "4";

    @Option(
            names = "--cpu-table",
            paramLabel = "IDS",
            description = "APIC ids that the firmware's table lists, in its order; 6.12 and 6.18 know no others"
                    + " (default: 0 to N-1).")
    private @Nullable String cpuTable;

    @Option(
            names = "--boot-cpus",
            paramLabel = "IDS",
            defaultValue = "0",
            description = "APIC ids enabled at boot; arm64: CPU numbers (default: ${DEFAULT-VALUE}).")
    private String bootCpus = "0";

    @Option(
            names = "--vcpus",
            paramLabel = "IDS",
            description = "APIC ids whose vCPU the VMM has made; adding another one takes 10 s and fails (default: all"
                    + " of the CPU table).")
    private @Nullable String vcpus;

    @Option(
            names = "--pci",
            paramLabel = "LIST",
            defaultValue = "00:00.0,00:01.0,00:01.1,00:01.3,00:02.0",
            description = "PCI functions the VMM has at boot (default: ${DEFAULT-VALUE}).")
    private String pci = "";

    @Option(
            names = "--vsock-pci",
            paramLabel = "FUNCTION",
            defaultValue = "00:02.0",
            description = "The function that carries the connections, or none (default: ${DEFAULT-VALUE}).")
    private String vsockPci = NONE;

    @Option(
            names = "--mmio-devices",
            paramLabel = "LIST",
            description = "virtio-mmio devices the guest boots with, base+size:irq, like 0xd0000000+0x1000:6.")
    private @Nullable String mmioDevices;

    @Option(
            names = "--vcpu-start-timeout",
            paramLabel = "DURATION",
            defaultValue = "10s",
            description = "How long a vCPU that does not exist is waited for (default: ${DEFAULT-VALUE}).")
    private String vcpuStartTimeout = "10s";

    /// @throws IllegalArgumentException in one sentence that quotes what was found
    MachineConfig config() {
        GuestProfile profile = (kernel.equals(EXTENDED) ? Optional.of(EXTENDED_MACHINE) : GuestProfile.byId(kernel))
                .orElseThrow(() -> new IllegalArgumentException("--kernel: a guest kernel is one of "
                        + GuestProfile.ids() + " or " + EXTENDED + ", found \"" + Escaped.text(kernel) + "\""));
        int possible = possible();
        List<Integer> range = IntStream.range(0, possible).boxed().toList();
        List<Integer> table = cpuTable == null ? range : named("--cpu-table", cpuTable, WrittenIds::parse);
        List<Integer> all = profile.cpuModel() == CpuModel.COUNT ? range : table;
        return new MachineConfig(
                profile,
                possible,
                table,
                named("--boot-cpus", bootCpus, WrittenIds::parse),
                vcpus == null ? all : named("--vcpus", vcpus, WrittenIds::parse),
                named("--pci", pci, WrittenPci::parse),
                vsock(),
                mmioDevices == null ? List.of() : named("--mmio-devices", mmioDevices, WrittenMmio::parse),
                named("--vcpu-start-timeout", vcpuStartTimeout, WrittenDuration::nanos));
    }

    /// What makes it an extended guest, if it is one.
    Optional<Extensions> extensions() {
        if (kernel.equals(EXTENDED)) {
            if (Boolean.FALSE.equals(extensions)) {
                throw new IllegalArgumentException(
                        "--no-extensions: --kernel extended is a guest with them; say --kernel kata-6.12 for one without");
            }
            return Optional.of(Extensions.of("upcall extended guest"));
        }
        return Boolean.TRUE.equals(extensions)
                ? Optional.of(Extensions.of(kernel + " with upcall extensions"))
                : Optional.empty();
    }

    /// What was said of them; null when nothing was.
    @Nullable
    Boolean extensionsWanted() {
        return extensions;
    }

    private int possible() {
        if (!possibleCpus.matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException("--possible-cpus: a number of 1 to " + MachineConfig.POSSIBLE_CPUS_MAX
                    + " was expected, found \"" + Escaped.text(possibleCpus) + "\"");
        }
        int possible = Integer.parseInt(possibleCpus);
        if (possible < 1 || possible > MachineConfig.POSSIBLE_CPUS_MAX) {
            throw new IllegalArgumentException("--possible-cpus: a number of 1 to " + MachineConfig.POSSIBLE_CPUS_MAX
                    + " was expected, found \"" + possible + "\"");
        }
        return possible;
    }

    private Optional<PciFunction> vsock() {
        return vsockPci.equals(NONE)
                ? Optional.empty()
                : Optional.of(named("--vsock-pci", vsockPci, WrittenPci::parseOne));
    }

    /// What a parser finds wrong, with the option in front.
    static <T> T named(String option, String text, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
        }
    }
}
