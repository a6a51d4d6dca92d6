package dev.upcall.proto.guest;

import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.message.Request.AddCpu;
import dev.upcall.proto.message.Request.AddCpuCount;
import dev.upcall.proto.message.Request.AddMmio;
import dev.upcall.proto.message.Request.AddPci;
import dev.upcall.proto.message.Request.DelCpu;
import dev.upcall.proto.message.Request.DelCpuCount;
import dev.upcall.proto.message.Request.DelMmio;
import dev.upcall.proto.message.Request.DelPci;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Decides whether a request may be sent to a guest. A pure function of the profile, the picture and the request.
///
/// The rules are `upcall-wire` 5.4, 5.5, 5.7 and 5.8; each refusal names its [Hazard]. What the guest merely refuses
/// (the boot CPU, an id in use) is not judged here: its answer is the truth, and harmless.
///
/// @param profile the guest's kernel
/// @param ownWirePci functions the connection runs over, never removed
/// @param ownWireMmio virtio-mmio devices the connection runs over, never removed
public record Safety(GuestProfile profile, Set<PciFunction> ownWirePci, Set<MmioDevice> ownWireMmio) {

    public Safety {
        ownWirePci = Set.copyOf(ownWirePci);
        ownWireMmio = Set.copyOf(ownWireMmio);
    }

    public static Safety of(GuestProfile profile) {
        return new Safety(profile, Set.of(), Set.of());
    }

    public Verdict judge(Request request, CpuPicture picture) {
        return switch (request) {
            case AddCpu r -> profile.cpuModel() == CpuModel.COUNT ? wrongArchitecture(r) : judgeAdd(r, picture);
            case DelCpu r -> profile.cpuModel() == CpuModel.COUNT ? wrongArchitecture(r) : judgeDel(r, picture);
            case AddCpuCount r ->
                profile.cpuModel() == CpuModel.COUNT ? judgeAddCount(r, picture) : wrongArchitecture(r);
            case DelCpuCount r ->
                profile.cpuModel() == CpuModel.COUNT ? judgeDelCount(r, picture) : wrongArchitecture(r);
            case DelPci r
            when ownWirePci.contains(r.function()) ->
                unsafe(Hazard.CUTS_OWN_WIRE, r + " would remove the device this connection runs over");
            case DelMmio r
            when ownWireMmio.contains(r.device()) ->
                unsafe(Hazard.CUTS_OWN_WIRE, r + " would remove the device this connection runs over");
            case DelPci r -> new Verdict.Safe(r);
            case DelMmio r -> new Verdict.Safe(r);
            case AddMmio r -> new Verdict.Safe(r);
            case AddPci r -> new Verdict.Safe(r);
        };
    }

    private Verdict judgeAdd(AddCpu request, CpuPicture picture) {
        for (ApicId id : request.ids()) {
            if (picture.inDoubt().contains(id)) {
                return inDoubt(request, id);
            }
            if (profile.cpuModel() == CpuModel.SLOT_SCAN && picture.present().contains(id)) {
                Verdict verdict = judgeAddPresent(request, id, picture);
                if (verdict instanceof Verdict.Unsafe) {
                    return verdict;
                }
            }
        }
        return new Verdict.Safe(request);
    }

    /// A slot-scanning guest refuses a present CPU that it sees, and loses one that it does not see.
    private static Verdict judgeAddPresent(AddCpu request, ApicId id, CpuPicture picture) {
        if (picture.isHidden(id)) {
            return unsafe(
                    Hazard.BLINDS_GUEST,
                    request + ": CPU " + id + " is present but hidden from the guest's lookup;"
                            + " adding it again would lose it for ever");
        }
        if (picture.stale()) {
            return stale(request);
        }
        return picture.inDoubt().isEmpty() ? new Verdict.Safe(request) : countInDoubt(request, picture);
    }

    private Verdict judgeDel(DelCpu request, CpuPicture picture) {
        if (picture.stale()) {
            return stale(request);
        }
        for (ApicId id : request.ids()) {
            if (picture.inDoubt().contains(id)) {
                return inDoubt(request, id);
            }
            if (!picture.present().contains(id)) {
                return unsafe(
                        Hazard.CRASHES_GUEST,
                        request + ": CPU " + id + " is not among the present ones (" + picture
                                + "); removing an absent CPU crashes the guest. Say which CPUs it has");
            }
        }
        DelCpu descending = new DelCpu(request.ids().stream()
                .sorted(Comparator.comparingInt(picture::slotOf).reversed())
                .toList());
        return profile.cpuModel() == CpuModel.SLOT_SCAN ? judgeScan(descending, picture) : new Verdict.Safe(descending);
    }

    /// Plays the removal as a slot-scanning kernel does it: every id looked up below N, N falling as it goes.
    private static Verdict judgeScan(DelCpu request, CpuPicture picture) {
        if (!picture.inDoubt().isEmpty()) {
            return countInDoubt(request, picture);
        }
        Set<ApicId> left = new HashSet<>(picture.present());
        for (ApicId id : request.ids()) {
            if (picture.slotOf(id) >= left.size()) {
                return unsafe(
                        Hazard.CRASHES_GUEST,
                        request + ": CPU " + id + " is in slot " + picture.slotOf(id)
                                + " and this kernel looks only at " + left.size()
                                + " slots; the removal would crash it");
            }
            left.remove(id);
        }
        List<ApicId> blinded = picture.presentInSlotOrder().stream()
                .filter(left::contains)
                .filter(id -> !picture.isHidden(id) && picture.slotOf(id) >= left.size())
                .toList();
        if (!blinded.isEmpty()) {
            return unsafe(
                    Hazard.BLINDS_GUEST,
                    request + " would hide CPU " + blinded.getFirst() + " from this kernel's lookup for good;"
                            + " remove the CPUs of higher slots first");
        }
        return new Verdict.Safe(request);
    }

    private static Verdict judgeAddCount(AddCpuCount request, CpuPicture picture) {
        if (picture.possible().isEmpty()) {
            return unsafe(
                    Hazard.CAPACITY_UNKNOWN,
                    request + ": an arm64 guest crashes when asked for more CPUs than it may have;"
                            + " say how many are possible");
        }
        if (picture.stale()) {
            return stale(request);
        }
        if (!picture.inDoubt().isEmpty()) {
            return countInDoubt(request, picture);
        }
        int possible = picture.possible().getAsInt();
        int online = picture.present().size();
        if (online + request.count() > possible) {
            return unsafe(
                    Hazard.CRASHES_GUEST,
                    request + ": " + online + " online and " + request.count() + " more pass the " + possible
                            + " possible; an arm64 guest would crash");
        }
        return new Verdict.Safe(request);
    }

    private static Verdict judgeDelCount(DelCpuCount request, CpuPicture picture) {
        if (picture.stale()) {
            return stale(request);
        }
        if (!picture.inDoubt().isEmpty()) {
            return countInDoubt(request, picture);
        }
        if (request.count() >= picture.present().size()) {
            return unsafe(
                    Hazard.CRASHES_GUEST,
                    request + ": only " + picture.present().size() + " CPUs are known to be online and one must stay");
        }
        return new Verdict.Safe(request);
    }

    private static Verdict stale(Request request) {
        return unsafe(
                Hazard.PICTURE_STALE,
                request + ": the connection was lost since the present CPUs were known; the guest may have restarted."
                        + " Say again which CPUs it has");
    }

    private static Verdict inDoubt(Request request, ApicId id) {
        return unsafe(
                Hazard.IN_DOUBT,
                request + ": an earlier request for CPU " + id + " has an unknown outcome."
                        + " Say again which CPUs the guest has");
    }

    private static Verdict countInDoubt(Request request, CpuPicture picture) {
        return unsafe(
                Hazard.IN_DOUBT,
                request + ": how many CPUs the guest has is not known while " + new TreeSet<>(picture.inDoubt())
                        + " are in doubt, and this kernel goes by that number. Say again which CPUs it has");
    }

    private Verdict wrongArchitecture(Request request) {
        return unsafe(
                Hazard.WRONG_ARCHITECTURE, request + " is of the other architecture than a " + profile + " guest");
    }

    private static Verdict unsafe(Hazard hazard, String why) {
        return new Verdict.Unsafe(hazard, why);
    }
}
