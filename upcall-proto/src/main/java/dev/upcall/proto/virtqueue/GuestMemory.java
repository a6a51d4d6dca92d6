package dev.upcall.proto.virtqueue;

import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.List;

/// A guest's memory: regions of guest addresses and the segments in which they are mapped here.
///
/// Whatever a guest says is looked up here first, as a whole: [#find] gives a region that holds *all* the
/// bytes from an address on, or nothing. What lies half in one region and half in the next is refused,
/// though they may touch: they are mapped apart. Immutable, thread-safe; the segments' life is their
/// owner's affair, who ends it only after the rings that use them were stopped.
public final class GuestMemory {

    /// One mapped region.
    ///
    /// @param guestAddress where the guest sees its first byte
    /// @param bytes all of it; must lie on an address that is as aligned as the guest's, as pages are
    public record Region(long guestAddress, MemorySegment bytes) {
        public Region {
            if (guestAddress < 0 || guestAddress + bytes.byteSize() < 0 || bytes.byteSize() == 0) {
                throw new IllegalArgumentException(
                        "a region has 1 byte or more and lies below 2^63: guest 0x%x, %d bytes"
                                .formatted(guestAddress, bytes.byteSize()));
            }
        }

        boolean holds(long address, long length) {
            return address >= guestAddress
                    && length <= bytes.byteSize()
                    && address - guestAddress <= bytes.byteSize() - length;
        }
    }

    /// No region holds it.
    static final int NOWHERE = -1;

    private final Region[] regions;

    public GuestMemory(List<Region> regions) {
        this.regions = regions.stream()
                .sorted(Comparator.comparingLong(Region::guestAddress))
                .toArray(Region[]::new);
        for (int i = 1; i < this.regions.length; i++) {
            Region before = this.regions[i - 1];
            if (before.guestAddress() + before.bytes().byteSize() > this.regions[i].guestAddress()) {
                throw new IllegalArgumentException("regions must not overlap: " + before + " and " + this.regions[i]);
            }
        }
    }

    /// The number of the region that holds all of these bytes, or [#NOWHERE]. There are at most eight, so
    /// they are tried one by one.
    ///
    /// @param address as the guest says it, u64
    /// @param length 0 or more
    int find(long address, long length) {
        for (int i = 0; i < regions.length; i++) {
            if (regions[i].holds(address, length)) {
                return i;
            }
        }
        return NOWHERE;
    }

    MemorySegment segment(int region) {
        return regions[region].bytes();
    }

    /// Where in its segment an address of this region lies.
    long offset(int region, long address) {
        return address - regions[region].guestAddress();
    }
}
