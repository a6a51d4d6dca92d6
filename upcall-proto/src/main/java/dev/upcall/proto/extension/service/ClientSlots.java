package dev.upcall.proto.extension.service;

import dev.upcall.proto.extension.Epoch;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The client epochs a guest remembers: 64, least recently used first out, never one with an open connection (§5).
final class ClientSlots {

    /// §5.
    static final int SLOTS_MAX = 64;

    /// Evicted epochs that are recognised although their client does not say that it knows this guest. Only a
    /// hint for clients that never got a reply; eight bytes of meaning each.
    static final int EVICTED_MAX = 1024;

    private final LinkedHashMap<Epoch, ClientSlot> slots = new LinkedHashMap<>(16, 0.75f, true);
    private final Set<Epoch> evicted = new LinkedHashSet<>();

    boolean hasRoomFor(Epoch epoch) {
        return slots.containsKey(epoch)
                || slots.size() < SLOTS_MAX
                || leastRecentlyUsed().isPresent();
    }

    /// The epoch's slot, made where there is none; [#hasRoomFor] was asked before.
    ///
    /// @param knowsUs the client has been served by this very guest epoch: without a slot it must have been evicted
    ClientSlot open(Epoch epoch, boolean knowsUs) {
        ClientSlot slot = slots.get(epoch);
        if (slot == null) {
            if (slots.size() >= SLOTS_MAX) {
                evict(leastRecentlyUsed().orElseThrow().epoch);
            }
            slot = new ClientSlot(epoch, evicted.remove(epoch) || knowsUs);
            slots.put(epoch, slot);
        }
        return slot;
    }

    void used(ClientSlot slot) {
        slots.get(slot.epoch);
    }

    /// Without counting as use.
    @Nullable
    ClientSlot find(Epoch epoch) {
        return slots.containsKey(epoch)
                ? slots.values().stream()
                        .filter(s -> s.epoch.equals(epoch))
                        .findFirst()
                        .orElse(null)
                : null;
    }

    /// Least recently used first.
    Collection<ClientSlot> all() {
        return Collections.unmodifiableCollection(slots.values());
    }

    private Optional<ClientSlot> leastRecentlyUsed() {
        return slots.values().stream().filter(slot -> slot.open == 0).findFirst();
    }

    private void evict(Epoch epoch) {
        slots.remove(epoch);
        evicted.add(epoch);
        if (evicted.size() > EVICTED_MAX) {
            evicted.remove(evicted.iterator().next());
        }
    }
}
