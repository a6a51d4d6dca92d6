package dev.upcall.client.cli;

import dev.upcall.proto.guest.GuestProfile;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/// The top of the command line and the options that every command below it understands, wherever they stand.
///
/// Values stay text here; [GuestSettings] reads them, so that a value from a flag and the same value from the
/// environment are judged in one place.
@Command(
        name = "upcall",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        abbreviateSynopsis = true,
        versionProvider = Version.class,
        description = "Add and remove a running guest's CPUs and devices.",
        descriptionHeading = "%n",
        parameterListHeading = "%n",
        commandListHeading = "%nCommands:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:the guest refused: its errno by name, and what it means",
            "2:the command line or an input file is not right",
            "3:not connected in time, with the reason",
            "4:connected, but not sent in time",
            "5:the outcome is unknown",
            "6:refused here, because it would harm the guest",
            "7:the peer broke the protocol",
            "70:a bug of this program",
            "130:ended by a signal while no request was out"
        })
final class UpcallCommand {
    /// For the shell's completion.
    static final class Kernels implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(GuestProfile.values()).map(GuestProfile::id).iterator();
        }
    }

    /// For completion.
    static final class ExtensionModes implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("auto", "off", "required").iterator();
        }
    }

    @Option(
            names = "--json",
            scope = ScopeType.INHERIT,
            description = "One JSON object per line, errors too, all on stdout.")
    boolean json;

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Say on stderr what happens; twice: the library's log too.")
    boolean[] verbose = {};

    @Option(
            names = {"-t", "--target"},
            scope = ScopeType.INHERIT,
            paramLabel = "TARGET",
            description = "The guest: hvsock:///path[:port], unix:///path or vsock://CID[:port]. UPCALL_TARGET.")
    @Nullable
    String target;

    @Option(
            names = "--timeout",
            scope = ScopeType.INHERIT,
            paramLabel = "D",
            description = "End the whole command after D, such as 10s or 250ms. Without it: 12.5s to connect"
                    + " (or --wait), then 5s for PCI, 15s for virtio-mmio, 25s for each CPU.")
    @Nullable
    String timeout;

    @Option(
            names = "--wait",
            scope = ScopeType.INHERIT,
            paramLabel = "D",
            description = "Keep reconnecting for D until the guest is there. Without it: one attempt.")
    @Nullable
    String wait;

    @Option(
            names = "--reply-timeout",
            scope = ScopeType.INHERIT,
            paramLabel = "D",
            description = "How long one answer may take, instead of the operation's own time.")
    @Nullable
    String replyTimeout;

    @Option(
            names = "--kernel",
            scope = ScopeType.INHERIT,
            paramLabel = "PROFILE",
            completionCandidates = Kernels.class,
            description = "The guest's kernel: kata-5.10, kata-6.1 (default: the strictest x86 rules), kata-6.12,"
                    + " kata-6.18, kata-arm64.")
    @Nullable
    String kernel;

    @Option(
            names = "--present",
            scope = ScopeType.INHERIT,
            paramLabel = "LIST",
            description = "APIC ids of the CPUs the guest has now, in slot order, such as 0,1,2 or 0-3. Default:"
                    + " what an extended guest says itself; else 0.")
    @Nullable
    String present;

    @Option(
            names = "--possible-cpus",
            scope = ScopeType.INHERIT,
            paramLabel = "N",
            description = "How many CPUs the guest may have at most; kata-arm64 needs it to add any.")
    @Nullable
    String possibleCpus;

    @Option(
            names = "--vsock-pci",
            scope = ScopeType.INHERIT,
            paramLabel = "B:S.F",
            description = "The PCI function this connection runs over: never removed.")
    List<String> vsockPci = List.of();

    @Option(
            names = "--vsock-mmio",
            scope = ScopeType.INHERIT,
            paramLabel = "BASE,SIZE,IRQ",
            description = "The virtio-mmio device this connection runs over: never removed.")
    List<String> vsockMmio = List.of();

    @Option(
            names = "--extensions",
            scope = ScopeType.INHERIT,
            paramLabel = "auto|off|required",
            completionCandidates = ExtensionModes.class,
            description = "Whether to ask the guest for what only extended guests have: liveness, events, inventory,"
                    + " exactly-once. Default: auto, which falls back silently to a stock guest.")
    @Nullable
    String extensions;

    @Option(
            names = "--force-unsafe",
            scope = ScopeType.INHERIT,
            description = "Send even what would crash or blind the guest.")
    boolean forceUnsafe;

    @Option(
            names = "--trace",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "Append every frame with time and direction; upcall decode FILE explains it.")
    @Nullable
    String trace;
}
