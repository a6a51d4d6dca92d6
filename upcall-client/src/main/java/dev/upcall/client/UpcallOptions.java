package dev.upcall.client;

import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.guest.Deadlines;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.guest.Safety;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.session.ReconnectPolicy;
import dev.upcall.proto.session.SessionRules;
import dev.upcall.proto.session.extended.Extensions;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// How a client treats its guest. Immutable; start from [#DEFAULT].
///
/// @param profile the guest's kernel; the strictest x86 rules by default, because a guest cannot be asked
/// @param picture which CPUs the guest has; only the boot CPU by default
/// @param ownWirePci functions the connection itself runs over: never removed
/// @param ownWireMmio virtio-mmio devices the connection itself runs over: never removed
/// @param deadlines of the phases and operations
/// @param reconnect when to dial again
/// @param queueMax how many requests may wait; one more is refused
/// @param request how requests are treated that bring no options of their own
/// @param extensions whether an extended guest is asked for more than a stock one can, and how it is treated
public record UpcallOptions(
        GuestProfile profile,
        CpuPicture picture,
        Set<PciFunction> ownWirePci,
        Set<MmioDevice> ownWireMmio,
        Deadlines deadlines,
        ReconnectPolicy reconnect,
        int queueMax,
        RequestOptions request,
        ExtensionOptions extensions) {

    public static final UpcallOptions DEFAULT = new UpcallOptions(
            GuestProfile.STRICTEST,
            CpuPicture.BOOT_CPU_ONLY,
            Set.of(),
            Set.of(),
            Deadlines.DEFAULT,
            ReconnectPolicy.DEFAULT,
            SessionRules.QUEUE_MAX_DEFAULT,
            RequestOptions.DEFAULT,
            ExtensionOptions.DEFAULT);

    public UpcallOptions {
        ownWirePci = Set.copyOf(ownWirePci);
        ownWireMmio = Set.copyOf(ownWireMmio);
    }

    public UpcallOptions withProfile(GuestProfile guest) {
        return new UpcallOptions(
                guest, picture, ownWirePci, ownWireMmio, deadlines, reconnect, queueMax, request, extensions);
    }

    /// The APIC ids of the CPUs the guest has now, in slot order, the boot CPU first.
    public UpcallOptions withPresentCpus(int... apicIds) {
        List<ApicId> ids = IntStream.of(apicIds).mapToObj(ApicId::new).toList();
        return withPicture(CpuPicture.of(ids));
    }

    public UpcallOptions withPicture(CpuPicture cpus) {
        return new UpcallOptions(
                profile, cpus, ownWirePci, ownWireMmio, deadlines, reconnect, queueMax, request, extensions);
    }

    public UpcallOptions withOwnWirePci(Set<PciFunction> functions) {
        return new UpcallOptions(
                profile, picture, functions, ownWireMmio, deadlines, reconnect, queueMax, request, extensions);
    }

    public UpcallOptions withOwnWireMmio(Set<MmioDevice> devices) {
        return new UpcallOptions(
                profile, picture, ownWirePci, devices, deadlines, reconnect, queueMax, request, extensions);
    }

    public UpcallOptions withDeadlines(Deadlines times) {
        return new UpcallOptions(
                profile, picture, ownWirePci, ownWireMmio, times, reconnect, queueMax, request, extensions);
    }

    public UpcallOptions withReconnect(ReconnectPolicy policy) {
        return new UpcallOptions(
                profile, picture, ownWirePci, ownWireMmio, deadlines, policy, queueMax, request, extensions);
    }

    public UpcallOptions withQueueMax(int max) {
        return new UpcallOptions(
                profile, picture, ownWirePci, ownWireMmio, deadlines, reconnect, max, request, extensions);
    }

    public UpcallOptions withRequest(RequestOptions options) {
        return new UpcallOptions(
                profile, picture, ownWirePci, ownWireMmio, deadlines, reconnect, queueMax, options, extensions);
    }

    public UpcallOptions withExtensions(ExtensionOptions options) {
        return new UpcallOptions(
                profile, picture, ownWirePci, ownWireMmio, deadlines, reconnect, queueMax, request, options);
    }

    public UpcallOptions withExtensions(Extensions wanted) {
        return withExtensions(extensions.withWanted(wanted));
    }

    /// @param client this client object's epoch
    SessionRules rules(boolean hybrid, Epoch client) {
        Safety safety = new Safety(profile, ownWirePci, ownWireMmio);
        return new SessionRules(hybrid, deadlines, reconnect, safety, queueMax, extensions.rules(client));
    }
}
