package dev.upcall.proto.vhostuser;

/// A piece of guest memory, as SET_MEM_TABLE tells it. All numbers are bytes.
///
/// @param guestAddress where the guest sees it
/// @param size how long it is
/// @param frontEndAddress where the front-end has it mapped: the addresses of the rings are told in these
///     terms
/// @param mapOffset where it starts in the descriptor's file; map `mapOffset + size` bytes and skip
///     `mapOffset`, because an offset that is no multiple of the page size cannot be mapped by itself
public record MemoryRegion(long guestAddress, long size, long frontEndAddress, long mapOffset) {

    public MemoryRegion {
        if (size <= 0) {
            throw new IllegalArgumentException("expected a memory region of 1 to 2^63 - 1 bytes, found "
                    + Long.toUnsignedString(size) + ": the front-end sent a broken memory table");
        }
        if (guestAddress < 0 || guestAddress + size < 0) {
            throw beyond("guest address", guestAddress, size);
        }
        if (frontEndAddress < 0 || frontEndAddress + size < 0) {
            throw beyond("front-end address", frontEndAddress, size);
        }
        if (mapOffset < 0 || mapOffset + size < 0) {
            throw beyond("map offset", mapOffset, size);
        }
    }

    boolean overlaps(MemoryRegion other) {
        return crosses(guestAddress, size, other.guestAddress, other.size)
                || crosses(frontEndAddress, size, other.frontEndAddress, other.size);
    }

    boolean holdsFrontEnd(long address) {
        return address >= frontEndAddress && address - frontEndAddress < size;
    }

    private static boolean crosses(long a, long aSize, long b, long bSize) {
        return a < b + bSize && b < a + aSize;
    }

    private static IllegalArgumentException beyond(String what, long start, long size) {
        return new IllegalArgumentException(
                "expected a memory region below 2^63, found %s 0x%x with %d bytes".formatted(what, start, size));
    }

    @Override
    public String toString() {
        return "guest 0x%x, %d bytes, front-end 0x%x, offset 0x%x"
                .formatted(guestAddress, size, frontEndAddress, mapOffset);
    }
}
