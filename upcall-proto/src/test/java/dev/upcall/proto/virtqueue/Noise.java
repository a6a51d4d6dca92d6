package dev.upcall.proto.virtqueue;

import dev.upcall.proto.virtqueue.Virtqueue.Direction;
import dev.upcall.proto.virtqueue.Virtqueue.Taken;
import dev.upcall.proto.virtqueue.driver.GuestDriver;
import dev.upcall.proto.virtqueue.driver.GuestRam;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/// A guest that fills its ring with noise; how wild each kind of noise is, is drawn from the seed.
final class Noise {

    private static final int ENTRIES = 16;

    final Virtqueue queue;
    private final GuestRam ram;
    private final GuestDriver driver;
    private final long buffer;
    private final DescriptorChain chain = new DescriptorChain();
    private final Random random;
    private final boolean toGuest;
    private final int wildAddress;
    private final int wildFlags;
    private final int wildNext;
    private final int wildHead;
    private final int wildIndex;

    Noise(MemorySegment bytes, Random random) {
        this.random = random;
        this.ram = new GuestRam(bytes);
        this.driver = new GuestDriver(ram, ENTRIES);
        this.buffer = ram.allocate(16 * 1024, 16);
        this.toGuest = random.nextBoolean();
        this.wildAddress = random.nextInt(8);
        this.wildFlags = random.nextInt(8);
        this.wildNext = random.nextInt(8);
        this.wildHead = random.nextInt(8);
        this.wildIndex = random.nextInt(8);
        driver.startAt(0);
        queue = new Virtqueue(ram.memory(), driver.place(), toGuest ? Direction.TO_GUEST : Direction.FROM_GUEST, 0);
    }

    /// Whether a chain came through.
    boolean round() {
        for (int i = 0; i < ENTRIES; i++) {
            driver.poke(i, address(), length(), flags(), next());
        }
        driver.pokeEntry(queue.next(), wild(wildHead) ? random.nextInt() : random.nextInt(ENTRIES));
        driver.announce(queue.next() + (wild(wildIndex) ? random.nextInt(1 << 16) : 1));
        Taken taken = queue.take(chain);
        if (taken != Taken.CHAIN) {
            return false;
        }
        byte[] bytes = new byte[Math.min(chain.length(), 8192)];
        if (toGuest) {
            chain.write(chain.length() - bytes.length, bytes, 0, bytes.length);
        } else {
            chain.read(chain.length() - bytes.length, bytes, 0, bytes.length);
        }
        queue.giveBack(chain, bytes.length);
        queue.publish();
        return true;
    }

    /// Wildness 0 to 7: never to three times in a hundred, for a chain has many words.
    private boolean wild(int wildness) {
        return random.nextInt(200) < wildness;
    }

    private long address() {
        if (!wild(wildAddress)) {
            return buffer + random.nextInt(8 * 1024);
        }
        return random.nextBoolean() ? random.nextLong() : GuestRam.BASE + random.nextInt(128 * 1024) - 32 * 1024;
    }

    private int length() {
        return wild(wildAddress) ? random.nextInt() : random.nextInt(8 * 1024);
    }

    private int flags() {
        int good = (toGuest ? RingLayout.WRITE : 0) | (random.nextInt(4) == 0 ? 0 : RingLayout.NEXT);
        return wild(wildFlags) ? random.nextInt(8) : good;
    }

    private int next() {
        return wild(wildNext) ? random.nextInt(1 << 16) : random.nextInt(ENTRIES);
    }
}
