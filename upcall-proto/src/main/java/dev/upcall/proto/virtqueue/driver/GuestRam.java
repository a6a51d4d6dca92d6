package dev.upcall.proto.virtqueue.driver;

import dev.upcall.proto.virtqueue.GuestMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// A small guest's memory in this process: one region, handed out from its beginning and never taken
/// back.
public final class GuestRam {

    /// Where the guest sees its first byte. Not 0, so that an address that was never set is a wrong one.
    public static final long BASE = 0x10_0000;

    private static final long PAGE_BYTES = 4096;

    private final MemorySegment bytes;
    private long taken;

    /// Zeroed memory that lives as long as something refers to it.
    public GuestRam(long size) {
        this(Arena.ofAuto().allocate(size, PAGE_BYTES));
    }

    /// A guest in memory of the caller's, who sees to it that it lives long enough.
    public GuestRam(MemorySegment bytes) {
        this.bytes = bytes;
    }

    /// What the device is told.
    public GuestMemory memory() {
        return new GuestMemory(List.of(new GuestMemory.Region(BASE, bytes)));
    }

    /// The guest address of fresh memory.
    public long allocate(long size, long alignment) {
        long start = (taken + alignment - 1) / alignment * alignment;
        if (start + size > bytes.byteSize()) {
            throw new IllegalStateException(
                    "guest memory of " + bytes.byteSize() + " bytes is too small: make it larger");
        }
        taken = start + size;
        return BASE + start;
    }

    /// All of it; the byte at [#offset] of an address is the guest's byte there.
    public MemorySegment bytes() {
        return bytes;
    }

    public static long offset(long address) {
        return address - BASE;
    }

    public long size() {
        return bytes.byteSize();
    }
}
