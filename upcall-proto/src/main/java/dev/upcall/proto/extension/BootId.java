package dev.upcall.proto.extension;

import java.nio.ByteBuffer;
import java.util.UUID;

/// The guest kernel's boot id, `/proc/sys/kernel/random/boot_id`: 16 bytes, another one after every boot.
///
/// @param high the first eight bytes, big-endian as in the text form
/// @param low the last eight bytes
public record BootId(long high, long low) {

    public static final int BYTES = 16;

    /// @throws IllegalArgumentException unless there are exactly 16 bytes
    public static BootId of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("boot id must be " + BYTES + " bytes: " + bytes.length);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new BootId(buffer.getLong(), buffer.getLong());
    }

    public byte[] toBytes() {
        return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
    }

    /// As the kernel writes it.
    @Override
    public String toString() {
        return new UUID(high, low).toString();
    }
}
