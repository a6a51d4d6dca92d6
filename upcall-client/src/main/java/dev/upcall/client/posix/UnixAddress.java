package dev.upcall.client.posix;

import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// `struct sockaddr_un`: u16 family, then the path's bytes and a NUL, 110 bytes at most.
final class UnixAddress {
    static final int FAMILY = 1;
    static final int PATH_AT = 2;

    /// `sun_path` has 108 bytes, the last one for NUL.
    static final int PATH_BYTES_MAX = 107;

    private UnixAddress() {}

    /// @throws IllegalArgumentException when the path does not fit
    static MemorySegment encode(Path path, SegmentAllocator allocator) {
        byte[] bytes = path.toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length > PATH_BYTES_MAX) {
            throw new IllegalArgumentException("expected a socket path of at most " + PATH_BYTES_MAX + " bytes, found "
                    + bytes.length + ": choose a shorter folder");
        }
        MemorySegment address =
                allocator.allocate(PATH_AT + bytes.length + 1L, Short.BYTES).fill((byte) 0);
        address.set(JAVA_SHORT_UNALIGNED, 0, (short) FAMILY);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, address, PATH_AT, bytes.length);
        return address;
    }
}
