package dev.upcall.client.bridge.vhost;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/// Buffers for the streams that hold bytes just now; one that holds none has none. Confined to the
/// device's thread.
final class BufferPool implements AutoCloseable {
    /// Kept for the next who needs one: 2 MiB. More are given back to the system.
    private static final int IDLE_MAX = 32;

    private final int bytes;
    private final ArrayDeque<Buffer> idle = new ArrayDeque<>(IDLE_MAX);

    /// @param memory outside the Java heap, so that the kernel can read and write it
    record Buffer(Arena arena, MemorySegment memory) {}

    /// @param bytes of each buffer
    BufferPool(int bytes) {
        this.bytes = bytes;
    }

    Buffer take() {
        Buffer buffer = idle.poll();
        if (buffer != null) {
            return buffer;
        }
        Arena arena = Arena.ofConfined();
        return new Buffer(arena, arena.allocate(bytes));
    }

    void giveBack(Buffer buffer) {
        if (idle.size() < IDLE_MAX) {
            idle.push(buffer);
        } else {
            buffer.arena().close();
        }
    }

    int bytes() {
        return bytes;
    }

    @Override
    public void close() {
        idle.forEach(buffer -> buffer.arena().close());
        idle.clear();
    }
}
