package dev.upcall.proto.virtqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.virtqueue.Virtqueue.Direction;
import dev.upcall.proto.virtqueue.Virtqueue.Taken;
import dev.upcall.proto.virtqueue.driver.GuestDriver;
import dev.upcall.proto.virtqueue.driver.GuestRam;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// One ring, its driver and its device, in a guest of 256 KiB.
final class Guest {

    static final int ENTRIES = 8;

    final GuestRam ram = new GuestRam(256 * 1024);
    final GuestDriver driver = new GuestDriver(ram, ENTRIES);
    final long buffer = ram.allocate(64 * 1024, 16);
    final DescriptorChain chain = new DescriptorChain();
    Virtqueue queue;

    Guest(Direction direction) {
        queue = new Virtqueue(ram.memory(), driver.place(), direction, 0);
    }

    static Guest sending() {
        return new Guest(Direction.FROM_GUEST);
    }

    static Guest receiving() {
        return new Guest(Direction.TO_GUEST);
    }

    /// Bytes 0, 1, 2 … from `address` on.
    Guest fill(long address, int count) {
        for (int i = 0; i < count; i++) {
            ram.bytes().set(ValueLayout.JAVA_BYTE, GuestRam.offset(address) + i, (byte) i);
        }
        return this;
    }

    void takesChain() {
        assertThat(queue.take(chain)).isEqualTo(Taken.CHAIN);
    }

    RingFault.Kind breaks() {
        assertThat(queue.take(chain)).isEqualTo(Taken.BROKEN);
        assertThat(queue.take(chain)).isEqualTo(Taken.BROKEN);
        return queue.fault().orElseThrow().kind();
    }

    byte[] read(int from, int count) {
        byte[] bytes = new byte[count];
        chain.read(from, bytes, 0, count);
        byte[] again = new byte[count];
        chain.read(from, MemorySegment.ofArray(again), 0, count);
        assertThat(again).isEqualTo(bytes);
        return bytes;
    }
}
