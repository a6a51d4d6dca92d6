package dev.upcall.proto.message;

/// A window of guest physical addresses, as unsigned 64-bit numbers.
///
/// @param base first byte
/// @param size length in bytes, at least 1; the window must not pass the end of the address space
public record MmioWindow(long base, long size) implements Comparable<MmioWindow> {

    public MmioWindow {
        if (size == 0) {
            throw new IllegalArgumentException("window size must not be 0 (base 0x" + Long.toHexString(base) + ")");
        }
        if (Long.compareUnsigned(base + (size - 1), base) < 0) {
            throw new IllegalArgumentException("window passes the end of the address space: base 0x"
                    + Long.toHexString(base) + ", size 0x" + Long.toHexString(size));
        }
    }

    /// The last byte that belongs to the window.
    public long last() {
        return base + (size - 1);
    }

    @Override
    public int compareTo(MmioWindow other) {
        int byBase = Long.compareUnsigned(base, other.base);
        return byBase != 0 ? byBase : Long.compareUnsigned(size, other.size);
    }

    @Override
    public String toString() {
        return "0x" + Long.toHexString(base) + "+0x" + Long.toHexString(size);
    }
}
