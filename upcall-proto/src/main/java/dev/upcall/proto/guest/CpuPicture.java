package dev.upcall.proto.guest;

import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.Reply;
import dev.upcall.proto.message.Request;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The host's own picture of which CPUs the guest has: immutable, moved on by every answer.
///
/// A stock guest cannot be asked. The picture starts from what the VMM or the user says (default: only the boot CPU),
/// follows what the guest answered, and knows what it does not know:
///
/// | fact                                   | what follows                                                     |
/// |----------------------------------------|------------------------------------------------------------------|
/// | `present`, in slot order               | may be removed                                                   |
/// | `inDoubt` (a reply is missing)         | neither added nor removed until the late reply or a new picture   |
/// | `stale` (the connection was lost)      | nothing is removed until a new picture is given                   |
///
/// `slots` is the order in which 5.10 and 6.1 kernels met the ids: an id keeps its slot for ever, also when its
/// first try failed. Those kernels see only the slots below the number of present CPUs, so a present CPU in a higher
/// slot is *hidden* (`upcall-wire` 5.4, §6).
///
/// arm64 kernels have no ids: there the picture counts, and the numbers 0, 1, 2 … stand for what is online.
///
/// @param slots ids by slot, first met first
/// @param present ids that the guest has
/// @param inDoubt ids of CPU requests whose outcome is not known
/// @param stale true after a connection loss
/// @param possible how many CPUs the guest may have at most, where that is known
public record CpuPicture(
        List<ApicId> slots, Set<ApicId> present, Set<ApicId> inDoubt, boolean stale, OptionalInt possible) {

    private static final int EINVAL = -22;

    public static final CpuPicture BOOT_CPU_ONLY = of(List.of(ApicId.BOOT));

    public CpuPicture {
        slots = List.copyOf(slots);
        present = Set.copyOf(present);
        inDoubt = Set.copyOf(inDoubt);
    }

    /// A fresh picture: exactly these ids, in slot order, the boot CPU first.
    public static CpuPicture of(List<ApicId> presentInSlotOrder) {
        Set<ApicId> distinct = new LinkedHashSet<>(presentInSlotOrder);
        if (distinct.size() != presentInSlotOrder.size()) {
            throw new IllegalArgumentException("present CPUs must not name an APIC id twice: " + presentInSlotOrder);
        }
        if (distinct.isEmpty()) {
            throw new IllegalArgumentException("present CPUs must not be empty: the boot CPU is always there");
        }
        return new CpuPicture(presentInSlotOrder, distinct, Set.of(), false, OptionalInt.empty());
    }

    public CpuPicture withPossible(int cpus) {
        if (cpus < present.size()) {
            throw new IllegalArgumentException(
                    "possible CPUs must be at least the " + present.size() + " present: " + cpus);
        }
        return new CpuPicture(slots, present, inDoubt, stale, OptionalInt.of(cpus));
    }

    /// The ids that are present, in slot order.
    public List<ApicId> presentInSlotOrder() {
        return slots.stream().filter(present::contains).toList();
    }

    public int slotOf(ApicId id) {
        return slots.indexOf(id);
    }

    /// True when a slot-scanning kernel cannot find this CPU although it is present.
    public boolean isHidden(ApicId id) {
        return present.contains(id) && slotOf(id) >= present.size();
    }

    /// The `count` lowest ids that are neither present nor in doubt.
    public List<ApicId> lowestAbsent(int count) {
        List<ApicId> found = new ArrayList<>();
        for (int i = 0; i <= ApicId.MAX && found.size() < count; i++) {
            ApicId id = new ApicId(i);
            if (!present.contains(id) && !inDoubt.contains(id)) {
                found.add(id);
            }
        }
        if (found.size() < count) {
            throw new IllegalArgumentException(
                    "cannot name " + count + " more CPUs: only " + found.size() + " APIC ids are free");
        }
        return List.copyOf(found);
    }

    /// The picture after the guest's answer. What an arm64 guest returns is how many are online now: better than adding
    /// up, because a picture given meanwhile may have seen the change already.
    public CpuPicture afterAnswer(Request request, Reply.Answer answer) {
        boolean counts = request instanceof Request.AddCpuCount || request instanceof Request.DelCpuCount;
        return counts && answer.word().isPresent()
                ? online(answer.word().getAsInt())
                : afterAnswer(request, answer.result());
    }

    /// The picture after the guest answered a CPU request with this result. Other requests do not change it.
    public CpuPicture afterAnswer(Request request, int result) {
        return switch (request) {
            case Request.AddCpu r -> result == 0 ? added(r.ids()) : notAdded(r.ids(), result);
            case Request.DelCpu r -> result == 0 ? removed(r.ids()) : notRemoved(r.ids(), result);
            case Request.AddCpuCount r -> result == 0 ? online(present.size() + r.count()) : notCounted(r, r.count());
            case Request.DelCpuCount r -> result == 0 ? online(present.size() - r.count()) : notCounted(r, r.count());
            case Request.AddMmio _, Request.DelMmio _, Request.AddPci _, Request.DelPci _ -> this;
        };
    }

    /// The picture while nobody knows whether the request was carried out.
    public CpuPicture inDoubtAbout(Request request) {
        return switch (request) {
            case Request.AddCpu r -> doubting(r.ids());
            case Request.DelCpu r -> doubting(r.ids());
            case Request.AddCpuCount r -> doubting(numbers(present.size(), present.size() + r.count()));
            case Request.DelCpuCount r -> doubting(numbers(present.size() - r.count(), present.size()));
            case Request.AddMmio _, Request.DelMmio _, Request.AddPci _, Request.DelPci _ -> this;
        };
    }

    /// The picture after the connection was lost: the guest may have restarted.
    public CpuPicture lost() {
        return stale ? this : new CpuPicture(slots, present, inDoubt, true, possible);
    }

    @Override
    public String toString() {
        return presentInSlotOrder().stream().map(ApicId::toString).collect(Collectors.joining(","))
                + (inDoubt.isEmpty() ? "" : " in doubt " + new TreeSet<>(inDoubt))
                + (stale ? " (stale)" : "");
    }

    private CpuPicture added(List<ApicId> ids) {
        return new CpuPicture(met(ids), plus(present, ids), minus(inDoubt, ids), stale, possible);
    }

    private CpuPicture removed(List<ApicId> ids) {
        return new CpuPicture(slots, minus(present, ids), minus(inDoubt, ids), stale, possible);
    }

    /// One id that failed is absent. Of a batch nobody knows how far it came (`upcall-wire` 5.3).
    private CpuPicture notAdded(List<ApicId> ids, int result) {
        if (ids.size() > 1) {
            return doubting(ids);
        }
        if (result == EINVAL) { // answered before the id gets a slot; it may be there already
            return new CpuPicture(slots, present, minus(inDoubt, ids), stale, possible);
        }
        // A slot is used up and the marks are gone: also those of a CPU that was online (−17), which no later removal
        // would find, and those that a picture given meanwhile has seen.
        return new CpuPicture(met(ids), minus(present, ids), minus(inDoubt, ids), stale, possible);
    }

    /// +1 says that the guest found the id. −22 may have been answered before it looked.
    private CpuPicture notRemoved(List<ApicId> ids, int result) {
        return ids.size() > 1
                ? doubting(ids)
                : new CpuPicture(
                        slots, result == 1 ? plus(present, ids) : present, minus(inDoubt, ids), stale, possible);
    }

    /// arm64: one CPU that failed changed nothing. Of several nobody knows how many were done.
    private CpuPicture notCounted(Request request, int count) {
        return count > 1 ? inDoubtAbout(request) : new CpuPicture(slots, present, Set.of(), stale, possible);
    }

    private CpuPicture doubting(Collection<ApicId> ids) {
        return new CpuPicture(met(ids), present, plus(inDoubt, ids), stale, possible);
    }

    /// arm64 has no ids: the picture counts, and numbers stand for them.
    private CpuPicture online(int count) {
        List<ApicId> ids = numbers(0, count);
        return new CpuPicture(ids, Set.copyOf(ids), Set.of(), stale, possible);
    }

    /// `from` … `to - 1` as far as ids go, and never none.
    private static List<ApicId> numbers(int from, int to) {
        int first = Math.clamp(from, 0, ApicId.MAX);
        return IntStream.range(first, Math.clamp(to, first + 1, ApicId.MAX + 1))
                .mapToObj(ApicId::new)
                .toList();
    }

    private List<ApicId> met(Collection<ApicId> ids) {
        Set<ApicId> all = new LinkedHashSet<>(slots);
        all.addAll(ids);
        return List.copyOf(all);
    }

    private static Set<ApicId> plus(Set<ApicId> set, Collection<ApicId> ids) {
        Set<ApicId> all = new HashSet<>(set);
        all.addAll(ids);
        return all;
    }

    private static Set<ApicId> minus(Set<ApicId> set, Collection<ApicId> ids) {
        Set<ApicId> rest = new HashSet<>(set);
        ids.forEach(rest::remove);
        return rest;
    }
}
