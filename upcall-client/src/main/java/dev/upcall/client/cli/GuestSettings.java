package dev.upcall.client.cli;

import dev.upcall.client.RequestOptions;
import dev.upcall.client.UpcallOptions;
import dev.upcall.client.transport.Target;
import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.guest.Deadlines;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.guest.Safety;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.ReconnectPolicy;
import dev.upcall.proto.session.extended.Extensions;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Everything the common options say about the guest and how to treat it, read and valid.
///
/// @param target empty when none was named
/// @param kernel empty when not said: then the strictest x86 rules
/// @param present empty when not said: then only the boot CPU
/// @param timeout of the whole command
/// @param patience (`--wait`) how long to keep reconnecting; empty: one attempt
/// @param replyTimeout of each request; empty: the operation's own
/// @param extensions whether an extended guest is asked for more than a stock one can
record GuestSettings(
        Optional<Target> target,
        Optional<GuestProfile> kernel,
        Optional<List<ApicId>> present,
        OptionalInt possibleCpus,
        Set<PciFunction> vsockPci,
        Set<MmioDevice> vsockMmio,
        Optional<Duration> timeout,
        Optional<Duration> patience,
        Optional<Duration> replyTimeout,
        Extensions extensions,
        boolean forceUnsafe,
        Optional<Path> trace) {
    /// A value and where it came from: messages name the flag or the variable that is wrong.
    private record Said(String where, String text) {}

    static GuestSettings of(UpcallCommand flags, Map<String, String> environment) throws Failure {
        Optional<Said> kernel = said(flags.kernel, "--kernel", environment);
        Optional<Said> present = said(flags.present, "--present", environment);
        Optional<Said> possible = said(flags.possibleCpus, "--possible-cpus", environment);
        GuestSettings settings = new GuestSettings(
                target(said(flags.target, "--target", environment)),
                kernel.isEmpty() ? Optional.empty() : Optional.of(kernel(kernel.get())),
                present.isEmpty() ? Optional.empty() : Optional.of(present(present.get())),
                possible.isEmpty() ? OptionalInt.empty() : OptionalInt.of(possible(possible.get())),
                functions(said(flags.vsockPci, "--vsock-pci", environment)),
                devices(said(flags.vsockMmio, "--vsock-mmio", environment)),
                duration(said(flags.timeout, "--timeout", environment)),
                duration(said(flags.wait, "--wait", environment)),
                duration(said(flags.replyTimeout, "--reply-timeout", environment)),
                extensions(said(flags.extensions, "--extensions", environment)),
                flags.forceUnsafe,
                path(said(flags.trace, "--trace", environment)));
        settings.options(); // whatever does not fit together is said before anything is dialled
        return settings;
    }

    /// What a plan file says of the guest counts where the command line is silent.
    GuestSettings withDefaults(Optional<GuestProfile> planKernel, Optional<List<ApicId>> planPresent) throws Failure {
        GuestSettings settings = new GuestSettings(
                target,
                kernel.or(() -> planKernel),
                present.or(() -> planPresent),
                possibleCpus,
                vsockPci,
                vsockMmio,
                timeout,
                patience,
                replyTimeout,
                extensions,
                forceUnsafe,
                trace);
        settings.options();
        return settings;
    }

    /// The same guest, asked for nothing: not even whether it is an extended one.
    GuestSettings withoutExtensions() {
        return new GuestSettings(
                target,
                kernel,
                present,
                possibleCpus,
                vsockPci,
                vsockMmio,
                timeout,
                patience,
                replyTimeout,
                Extensions.OFF,
                forceUnsafe,
                trace);
    }

    Target requireTarget() throws Failure {
        return target.orElseThrow(() -> Failure.usage(
                "which guest? Name it with -t or UPCALL_TARGET," + " for example -t hvsock:///run/vm.sock"));
    }

    GuestProfile profile() {
        return kernel.orElse(GuestProfile.STRICTEST);
    }

    Safety safety() {
        return new Safety(profile(), vsockPci, vsockMmio);
    }

    /// How the library is to treat the guest.
    UpcallOptions options() throws Failure {
        return UpcallOptions.DEFAULT
                .withProfile(profile())
                .withPicture(picture())
                .withOwnWirePci(vsockPci)
                .withOwnWireMmio(vsockMmio)
                .withExtensions(extensions)
                .withReconnect(patience.isPresent() ? ReconnectPolicy.DEFAULT : ReconnectPolicy.once());
    }

    CpuPicture picture() throws Failure {
        try {
            CpuPicture picture = CpuPicture.of(present.orElse(List.of(ApicId.BOOT)));
            return possibleCpus.isPresent() ? picture.withPossible(possibleCpus.getAsInt()) : picture;
        } catch (IllegalArgumentException e) {
            throw Failure.usage(String.valueOf(e.getMessage()));
        }
    }

    /// How this request is treated when it is made now.
    RequestOptions request(Request request, TimeBudget budget) {
        Duration usual = replyTimeout.orElse(Duration.ofNanos(Deadlines.DEFAULT.replyNanos(request)));
        return RequestOptions.DEFAULT
                .withQueueTimeout(budget.bounded(connecting()))
                .withReplyTimeout(budget.bounded(usual))
                .withRecoveryTimeout(patience.map(budget::bounded).orElse(Duration.ZERO))
                .withSendUnsafe(forceUnsafe);
    }

    /// How long connecting may take.
    Duration connecting() {
        Deadlines deadlines = Deadlines.DEFAULT;
        return patience.orElse(deadlines.okLine().plus(deadlines.connectFrame()));
    }

    private static Optional<Said> said(@Nullable String flag, String name, Map<String, String> environment) {
        if (flag != null) {
            return Optional.of(new Said(name, flag));
        }
        String variable = "UPCALL_" + name.substring(2).replace('-', '_').toUpperCase(Locale.ROOT);
        String value = environment.get(variable);
        return value == null || value.isEmpty() ? Optional.empty() : Optional.of(new Said(variable, value));
    }

    /// A flag that may be repeated; its variable names one.
    private static List<Said> said(List<String> flags, String name, Map<String, String> environment) {
        return flags.isEmpty()
                ? said((String) null, name, environment).stream().toList()
                : flags.stream().map(text -> new Said(name, text)).toList();
    }

    private static Optional<Target> target(Optional<Said> said) throws Failure {
        if (said.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(Syntax.parsed(said.get().where(), said.get().text(), Target::parse));
    }

    private static GuestProfile kernel(Said said) throws Failure {
        return Syntax.kernel(said.where(), said.text());
    }

    private static List<ApicId> present(Said said) throws Failure {
        return Syntax.apicIds(said.where(), said.text());
    }

    private static int possible(Said said) throws Failure {
        return Syntax.integer(said.where(), said.text(), 1, ApicId.MAX + 1);
    }

    private static Optional<Duration> duration(Optional<Said> said) throws Failure {
        return said.isEmpty()
                ? Optional.empty()
                : Optional.of(Syntax.duration(said.get().where(), said.get().text()));
    }

    private static Extensions extensions(Optional<Said> said) throws Failure {
        return said.isEmpty()
                ? Extensions.AUTO
                : Syntax.oneOf(said.get().where(), said.get().text(), Extensions.class);
    }

    private static Set<PciFunction> functions(List<Said> all) throws Failure {
        Set<PciFunction> functions = new LinkedHashSet<>();
        for (Said said : all) {
            functions.add(Syntax.pci(said.where(), said.text()));
        }
        return functions;
    }

    private static Set<MmioDevice> devices(List<Said> all) throws Failure {
        Set<MmioDevice> devices = new HashSet<>();
        for (Said said : all) {
            List<String> parts = new ArrayList<>(List.of(said.text().split(",", -1)));
            if (parts.size() != 3) {
                throw Syntax.expected(said.where(), "BASE,SIZE,IRQ such as 0xd0000000,0x1000,5", said.text());
            }
            devices.add(Syntax.mmio(said.where(), parts.get(0), parts.get(1), parts.get(2)));
        }
        return devices;
    }

    private static Optional<Path> path(Optional<Said> said) throws Failure {
        if (said.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Path.of(said.get().text()));
        } catch (InvalidPathException e) {
            throw Syntax.expected(
                    said.get().where(), "a file's path", said.get().text());
        }
    }
}
