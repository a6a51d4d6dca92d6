package dev.upcall.proto.extension;

import dev.upcall.proto.message.ApicId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The guest's CPUs (§4).
///
/// @param present may be removed
/// @param online of those present, the ones the guest runs on
/// @param slots ids in slot order where the kernel keeps slots, absent ones that hold a slot included; else
///     empty
/// @param boot the boot CPU
public record CpuInventory(Set<ApicId> present, Set<ApicId> online, List<ApicId> slots, ApicId boot) {

    public CpuInventory {
        present = Set.copyOf(present);
        online = Set.copyOf(online);
        slots = List.copyOf(slots);
        if (!present.containsAll(online)) {
            throw new IllegalArgumentException(
                    "online CPUs must be present: online " + online + ", present " + present);
        }
        if (new HashSet<>(slots).size() != slots.size()) {
            throw new IllegalArgumentException("slots must not name an APIC id twice: " + slots);
        }
    }
}
