package dev.upcall.client.bridge.vhost;

import dev.upcall.proto.virtqueue.DescriptorChain;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The bytes of one direction of one stream that wait to move on, oldest first, around and around in a
/// buffer of the pool; none while there are none. Confined to the device's thread.
final class HeldBytes {
    private final BufferPool pool;
    private BufferPool.@Nullable Buffer buffer;
    private int head;
    private int count;

    HeldBytes(BufferPool pool) {
        this.pool = pool;
    }

    int count() {
        return count;
    }

    int room() {
        return pool.bytes() - count;
    }

    /// Where the memory is; [#head], [#tail] are places in it.
    MemorySegment memory() {
        BufferPool.Buffer own = buffer;
        if (own == null) {
            own = pool.take();
            buffer = own;
        }
        return own.memory();
    }

    int head() {
        return head;
    }

    int tail() {
        return (head + count) % pool.bytes();
    }

    /// How many bytes lie in a row from [#head] on.
    int countInRow() {
        return Math.min(count, pool.bytes() - head);
    }

    /// How many fit in a row from [#tail] on.
    int roomInRow() {
        return Math.min(room(), pool.bytes() - tail());
    }

    /// So many were put at [#tail].
    void added(int more) {
        count += more;
        releaseIfEmpty();
    }

    /// So many were taken from [#head].
    void removed(int gone) {
        head = (head + gone) % pool.bytes();
        count -= gone;
        releaseIfEmpty();
    }

    /// Copies `from` of the chain on, so many bytes.
    void take(DescriptorChain chain, int from, int more) {
        int first = Math.min(more, roomInRow());
        chain.read(from, memory(), tail(), first);
        count += first;
        if (first < more) {
            chain.read(from + first, memory(), tail(), more - first);
            count += more - first;
        }
    }

    /// Moves the oldest bytes into the chain.
    void give(DescriptorChain chain, int to, int gone) {
        int first = Math.min(gone, countInRow());
        chain.write(to, memory(), head, first);
        removed(first);
        if (first < gone) {
            chain.write(to + first, memory(), head, gone - first);
            removed(gone - first);
        }
    }

    void clear() {
        count = 0;
        releaseIfEmpty();
    }

    private void releaseIfEmpty() {
        BufferPool.Buffer own = buffer;
        if (count == 0) {
            head = 0;
            if (own != null) {
                buffer = null;
                pool.giveBack(own);
            }
        }
    }
}
