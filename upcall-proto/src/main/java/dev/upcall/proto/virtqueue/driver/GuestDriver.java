package dev.upcall.proto.virtqueue.driver;

import dev.upcall.proto.virtqueue.RingLayout;
import dev.upcall.proto.virtqueue.RingPlace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// A guest's driver of one split ring: a good one that offers chains and takes them back, and one that
/// can break every rule, by writing any word of the ring as it likes.
///
/// Allocates nothing per chain. Confined to one thread, which may be another one than the device's, as in
/// a real guest; [#usedIndex] may be read by any.
public final class GuestDriver {

    /// Nothing was given back, or no descriptor is free.
    public static final int NONE = -1;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle U16 = SHORT.varHandle();

    private final RingPlace place;
    private final MemorySegment table;
    private final MemorySegment available;
    private final MemorySegment used;
    private final int[] free;
    private final int[] follower;
    private final boolean[] out;
    private int freeCount;
    private int building = NONE;
    private int last = NONE;
    private int availableIndex;
    private int seen;
    private int usedLength;

    /// Lays a ring out in fresh memory of this guest, with all indices at 0.
    public GuestDriver(GuestRam ram, int entries) {
        long usedBytes = RingLayout.USED_RING_OFFSET + (long) entries * RingLayout.USED_ENTRY_BYTES;
        long availableBytes = RingLayout.AVAILABLE_RING_OFFSET + (long) entries * RingLayout.AVAILABLE_ENTRY_BYTES;
        long tableBytes = (long) entries * RingLayout.DESCRIPTOR_BYTES;
        this.place = new RingPlace(
                entries,
                ram.allocate(tableBytes, RingLayout.DESCRIPTOR_ALIGNMENT),
                ram.allocate(availableBytes, RingLayout.AVAILABLE_ALIGNMENT),
                ram.allocate(usedBytes, RingLayout.USED_ALIGNMENT));
        this.table = ram.bytes().asSlice(GuestRam.offset(place.descriptors()), tableBytes);
        this.available = ram.bytes().asSlice(GuestRam.offset(place.available()), availableBytes);
        this.used = ram.bytes().asSlice(GuestRam.offset(place.used()), usedBytes);
        this.free = new int[entries];
        this.follower = new int[entries];
        this.out = new boolean[entries];
        for (int i = 0; i < entries; i++) {
            free[i] = entries - 1 - i;
        }
        this.freeCount = entries;
    }

    /// What the device is told.
    public RingPlace place() {
        return place;
    }

    // ------------------------------------------------------------------------------------------ the good driver

    public int freeDescriptors() {
        return freeCount;
    }

    /// Adds a buffer to the chain that is being built, or begins one.
    ///
    /// @param write whether the device shall write it
    public GuestDriver add(long address, int length, boolean write) {
        if (freeCount == 0) {
            throw new IllegalStateException("no descriptor is free: take back what was used first");
        }
        int index = free[--freeCount];
        poke(index, address, length, write ? RingLayout.WRITE : 0, 0);
        follower[index] = NONE;
        out[index] = true;
        if (building == NONE) {
            building = index;
        } else {
            long flags = (long) last * RingLayout.DESCRIPTOR_BYTES + RingLayout.FLAGS_OFFSET;
            table.set(SHORT, flags, (short) (table.get(SHORT, flags) | RingLayout.NEXT));
            table.set(SHORT, (long) last * RingLayout.DESCRIPTOR_BYTES + RingLayout.NEXT_OFFSET, (short) index);
            follower[last] = index;
        }
        last = index;
        return this;
    }

    /// Hands the chain over.
    ///
    /// @return its first descriptor, by which [#takeUsed] names it
    public int offer() {
        int head = building;
        if (head == NONE) {
            throw new IllegalStateException("no chain was built: add a buffer first");
        }
        building = NONE;
        pokeEntry(availableIndex, head);
        announce(availableIndex + 1);
        return head;
    }

    /// The oldest chain that the device gave back and that was not seen yet; [#NONE] when there is none.
    public int takeUsed() {
        if (usedIndex() == seen) {
            return NONE;
        }
        long at = RingLayout.USED_RING_OFFSET + (long) (seen & place.entries() - 1) * RingLayout.USED_ENTRY_BYTES;
        int head = used.get(INT, at + RingLayout.USED_ID_OFFSET);
        usedLength = used.get(INT, at + RingLayout.USED_LENGTH_OFFSET);
        seen = seen + 1 & RingLayout.INDEX_MASK;
        // A driver that broke the rules may get a chain back twice, or one that it never built.
        for (int i = head; i != NONE && out[i]; i = follower[i]) {
            out[i] = false;
            free[freeCount++] = i;
        }
        return head;
    }

    /// How many bytes the device says it wrote into the chain that was taken back last.
    public int usedLength() {
        return usedLength;
    }

    /// Whether the device wants to be kicked for what was offered.
    public boolean wantsKick() {
        VarHandle.fullFence();
        return ((short) U16.getOpaque(used, (long) RingLayout.USED_FLAGS_OFFSET) & RingLayout.NO_NOTIFY) == 0;
    }

    /// Whether the device shall interrupt for what it gives back.
    public void wantInterrupts(boolean wanted) {
        U16.setOpaque(
                available, (long) RingLayout.AVAILABLE_FLAGS_OFFSET, (short) (wanted ? 0 : RingLayout.NO_INTERRUPT));
        VarHandle.fullFence();
    }

    /// `used.idx` as it is now.
    public int usedIndex() {
        return (short) U16.getAcquire(used, (long) RingLayout.USED_INDEX_OFFSET) & RingLayout.INDEX_MASK;
    }

    // ------------------------------------------------------------------------------------- the one that breaks rules

    /// Writes any descriptor.
    public void poke(int index, long address, int length, int flags, int next) {
        long at = (long) index * RingLayout.DESCRIPTOR_BYTES;
        table.set(LONG, at + RingLayout.ADDRESS_OFFSET, address);
        table.set(INT, at + RingLayout.LENGTH_OFFSET, length);
        table.set(SHORT, at + RingLayout.FLAGS_OFFSET, (short) flags);
        table.set(SHORT, at + RingLayout.NEXT_OFFSET, (short) next);
    }

    /// Writes the entry of the available ring that this index falls on.
    public void pokeEntry(int index, int head) {
        long at = RingLayout.AVAILABLE_RING_OFFSET
                + (long) (index & place.entries() - 1) * RingLayout.AVAILABLE_ENTRY_BYTES;
        available.set(SHORT, at, (short) head);
    }

    /// Writes `avail.idx`, whatever stands in the entries.
    public void announce(int index) {
        availableIndex = index & RingLayout.INDEX_MASK;
        U16.setRelease(available, (long) RingLayout.AVAILABLE_INDEX_OFFSET, (short) availableIndex);
    }

    /// `avail.idx` as it was announced last.
    public int announced() {
        return availableIndex;
    }

    /// Lets both sides begin at this index, as after a stop in the middle of traffic; before the first
    /// chain.
    public void startAt(int index) {
        announce(index);
        seen = availableIndex;
        U16.setRelease(used, (long) RingLayout.USED_INDEX_OFFSET, (short) index);
    }
}
