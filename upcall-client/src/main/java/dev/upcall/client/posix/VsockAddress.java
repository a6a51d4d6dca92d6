package dev.upcall.client.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/// `struct sockaddr_vm`, in the machine's byte order.
///
/// | offset | size | field           | value                         |
/// |-------:|-----:|-----------------|-------------------------------|
/// |      0 |    2 | `svm_family`    | 40, AF_VSOCK                  |
/// |      2 |    2 | `svm_reserved1` | 0                             |
/// |      4 |    4 | `svm_port`      | u32                           |
/// |      8 |    4 | `svm_cid`       | u32; 0xFFFFFFFF any           |
/// |     12 |    1 | `svm_flags`     | 0; zero bytes before Linux 5.11 |
/// |     13 |    3 | `svm_zero`      | 0                             |
///
/// @param cid the machine, 0 to 2^32 - 1
/// @param port 0 to 2^32 - 1
public record VsockAddress(long cid, long port) {
    /// AF_VSOCK.
    public static final int FAMILY = 40;

    /// VMADDR_CID_ANY.
    public static final long CID_ANY = U32.MAX;

    static final int BYTES = 16;

    private static final long FAMILY_AT = 0;
    private static final long RESERVED_AT = 2;
    private static final long PORT_AT = 4;
    private static final long CID_AT = 8;
    private static final long ZERO_AT = 12;

    public VsockAddress {
        U32.check("CID", cid);
        U32.check("vsock port", port);
    }

    /// The 16 bytes, in memory of the allocator.
    public MemorySegment encode(SegmentAllocator allocator) {
        MemorySegment address = allocator.allocate(BYTES, Integer.BYTES).fill((byte) 0);
        address.set(JAVA_SHORT_UNALIGNED, FAMILY_AT, (short) FAMILY);
        address.set(JAVA_SHORT_UNALIGNED, RESERVED_AT, (short) 0);
        address.set(JAVA_INT_UNALIGNED, PORT_AT, (int) port);
        address.set(JAVA_INT_UNALIGNED, CID_AT, (int) cid);
        address.set(JAVA_INT_UNALIGNED, ZERO_AT, 0);
        return address;
    }

    /// What 16 bytes say. Reserved bytes and flags are not looked at: later kernels may use them.
    ///
    /// @throws IllegalArgumentException when they are fewer, or of another family
    public static VsockAddress decode(MemorySegment address) {
        if (address.byteSize() < BYTES) {
            throw new IllegalArgumentException("expected " + BYTES + " bytes of sockaddr_vm, found "
                    + address.byteSize() + ": give the whole structure");
        }
        int family = Short.toUnsignedInt(address.get(JAVA_SHORT_UNALIGNED, FAMILY_AT));
        if (family != FAMILY) {
            throw new IllegalArgumentException("expected family " + FAMILY + " (AF_VSOCK), found " + family
                    + ": this is another socket's address");
        }
        return new VsockAddress(
                Integer.toUnsignedLong(address.get(JAVA_INT_UNALIGNED, CID_AT)),
                Integer.toUnsignedLong(address.get(JAVA_INT_UNALIGNED, PORT_AT)));
    }

    @Override
    public String toString() {
        return "vsock " + (cid == CID_ANY ? "any" : cid) + ":" + port;
    }

    /// C's `unsigned int`, kept in a long.
    private static final class U32 {
        static final long MAX = 0xFFFF_FFFFL;

        private U32() {}

        static void check(String what, long value) {
            if (value < 0 || value > MAX) {
                throw new IllegalArgumentException(what + " must be 0 to " + MAX + ": " + value);
            }
        }
    }
}
