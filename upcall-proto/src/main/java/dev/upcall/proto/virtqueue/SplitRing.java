package dev.upcall.proto.virtqueue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// The shared words of one split ring, each read or written by a method that names its memory order and
/// what the guest's driver does on the other side.
///
/// Every word is read *once* into a local and never looked at again: the guest may change it at any time.
/// Confined to the device's thread; the guest is the other thread.
final class SplitRing {

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle U16 = SHORT.varHandle();
    private static final VarHandle U32 = INT.varHandle();

    private final MemorySegment table;
    private final MemorySegment available;
    private final MemorySegment used;
    private final int mask;

    SplitRing(MemorySegment table, MemorySegment available, MemorySegment used, int entries) {
        this.table = table;
        this.available = available;
        this.used = used;
        this.mask = entries - 1;
    }

    /// Pairs with the driver's write barrier before it stores `avail.idx`: the entries and descriptors
    /// that it announces are seen.
    int availIndexAcquire() {
        return (short) U16.getAcquire(available, (long) RingLayout.AVAILABLE_INDEX_OFFSET) & RingLayout.INDEX_MASK;
    }

    /// Ordered behind the acquire of the index that announced it.
    int availEntry(int index) {
        long at = RingLayout.AVAILABLE_RING_OFFSET + (long) (index & mask) * RingLayout.AVAILABLE_ENTRY_BYTES;
        return (short) U16.getOpaque(available, at) & RingLayout.INDEX_MASK;
    }

    /// Looked at behind [#fenceBeforeNotify].
    boolean wantsInterrupt() {
        int flags = (short) U16.getOpaque(available, (long) RingLayout.AVAILABLE_FLAGS_OFFSET);
        return (flags & RingLayout.NO_INTERRUPT) == 0;
    }

    // A descriptor is 16-aligned but guest memory need not be 8-aligned here, so its address is read as two words:
    // a torn one is merely a wrong address, which is judged like any other.
    long descriptorAddress(int index) {
        long low = (int) U32.getOpaque(table, at(index, RingLayout.ADDRESS_OFFSET)) & 0xFFFF_FFFFL;
        long high = (int) U32.getOpaque(table, at(index, RingLayout.ADDRESS_OFFSET + Integer.BYTES));
        return high << Integer.SIZE | low;
    }

    int descriptorLength(int index) {
        return (int) U32.getOpaque(table, at(index, RingLayout.LENGTH_OFFSET));
    }

    int descriptorFlags(int index) {
        return (short) U16.getOpaque(table, at(index, RingLayout.FLAGS_OFFSET)) & RingLayout.INDEX_MASK;
    }

    int descriptorNext(int index) {
        return (short) U16.getOpaque(table, at(index, RingLayout.NEXT_OFFSET)) & RingLayout.INDEX_MASK;
    }

    /// Plain stores: nobody looks before [#publishUsedIndexRelease].
    void writeUsedEntry(int index, int id, int length) {
        long at = RingLayout.USED_RING_OFFSET + (long) (index & mask) * RingLayout.USED_ENTRY_BYTES;
        used.set(INT, at + RingLayout.USED_ID_OFFSET, id);
        used.set(INT, at + RingLayout.USED_LENGTH_OFFSET, length);
    }

    /// Pairs with the driver's read barrier behind its load of `used.idx`: the entries and the bytes that
    /// were put into the buffers are seen. One aligned 16-bit store: byte by byte a guest once saw 0x0000
    /// between 0x00ff and 0x0100, took its queue for corrupt, and never spoke again.
    void publishUsedIndexRelease(int index) {
        U16.setRelease(used, (long) RingLayout.USED_INDEX_OFFSET, (short) index);
    }

    /// What was published before is seen before the driver's flags are looked at. Pairs with the driver's
    /// full barrier between allowing interrupts and looking at `used.idx` again: one of both sees the
    /// other.
    void fenceBeforeNotify() {
        VarHandle.fullFence();
    }

    /// Kicks are allowed before `avail.idx` is looked at for the last time. Pairs with the driver's full
    /// barrier between storing `avail.idx` and looking at `used.flags`: one of both sees the other.
    void fenceBeforeIdle() {
        VarHandle.fullFence();
    }

    /// A hint to the driver, nothing more: it may kick in spite of it.
    void writeUsedFlags(int flags) {
        U16.setOpaque(used, (long) RingLayout.USED_FLAGS_OFFSET, (short) flags);
    }

    private static long at(int index, int offset) {
        return (long) index * RingLayout.DESCRIPTOR_BYTES + offset;
    }
}
