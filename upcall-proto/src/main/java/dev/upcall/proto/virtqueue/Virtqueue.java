package dev.upcall.proto.virtqueue;

import dev.upcall.proto.virtqueue.RingFault.Kind;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The device's side of one split ring in the memory of a guest that may be hostile.
///
/// ```
/// queue.quiet();                             // no kicks while we are at it
/// do {
///     while (queue.take(chain) == Taken.CHAIN) {
///         …                                  // read the chain, or write into it
///         queue.giveBack(chain, written);
///     }
///     if (queue.publish()) { interrupt }     // all of them at once
/// } while (queue.listen());                  // kicks again, unless something came meanwhile
/// ```
///
/// A guest that breaks a rule never causes an exception or an access outside its memory: [#take] answers
/// [Taken#BROKEN], from then on for ever, and [#fault] says why. Allocates nothing while it runs.
/// Confined to the device's thread.
public final class Virtqueue {

    /// Which way the bytes of a ring go.
    public enum Direction {
        /// The driver wrote them: every descriptor is to be read.
        FROM_GUEST,
        /// The device writes them: every descriptor has the WRITE flag.
        TO_GUEST
    }

    /// What [#take] found.
    public enum Taken {
        /// A chain, judged and good.
        CHAIN,
        /// Nothing yet.
        EMPTY,
        /// The guest broke a rule: see [#fault].
        BROKEN
    }

    private final Direction direction;
    private GuestMemory memory;
    private RingPlace place;
    private SplitRing ring;
    private int next;
    private int used;
    private boolean unpublished;
    private @Nullable RingFault fault;

    /// A ring that starts at `base`; the used ring goes on at the same index, for nothing is in flight
    /// when a ring starts. A place that is impossible shows at the first [#take].
    ///
    /// @param base the index of the first available entry to look at, u16
    public Virtqueue(GuestMemory memory, RingPlace place, Direction direction, int base) {
        this.direction = direction;
        this.memory = memory;
        this.place = place;
        this.ring = locate();
        this.next = base & RingLayout.INDEX_MASK;
        this.used = next;
    }

    /// Goes on at the same indices, with the ring and its buffers in new memory or at new places.
    public void move(GuestMemory toMemory, RingPlace toPlace) {
        memory = toMemory;
        place = toPlace;
        ring = locate();
        // A ring that is nowhere has nobody who could be shown anything.
        unpublished &= fault == null;
    }

    /// The next chain that the driver handed over. `chain` is the taker's own object, used again and
    /// again.
    public Taken take(DescriptorChain chain) {
        if (fault != null) {
            return Taken.BROKEN;
        }
        int waiting = ring.availIndexAcquire() - next & RingLayout.INDEX_MASK;
        if (waiting == 0) {
            return Taken.EMPTY;
        }
        if (waiting > place.entries()) {
            return broken(
                    Kind.INDEX_JUMPED,
                    "%d entries announced in a ring of %d (avail.idx %d, taken so far %d)"
                            .formatted(waiting, place.entries(), next + waiting & RingLayout.INDEX_MASK, next));
        }
        int head = ring.availEntry(next);
        if (head >= place.entries()) {
            return broken(Kind.HEAD_OUT_OF_RING, "descriptor %d of %d".formatted(head, place.entries()));
        }
        if (!follow(head, chain)) {
            return Taken.BROKEN;
        }
        next = next + 1 & RingLayout.INDEX_MASK;
        return Taken.CHAIN;
    }

    /// How many chains wait; what [#take] would say about them is not known. 0 when broken.
    public int waiting() {
        if (fault != null) {
            return 0;
        }
        return Math.min(place.entries(), ring.availIndexAcquire() - next & RingLayout.INDEX_MASK);
    }

    /// The chain that was taken last, and not given back, is to be taken again later: there was nothing
    /// for it.
    public void putBack() {
        if (next == used) {
            throw new IllegalStateException("every chain was given back: none can be put back");
        }
        next = next - 1 & RingLayout.INDEX_MASK;
    }

    /// The driver shall have the chain back. It sees nothing of it before [#publish].
    ///
    /// @param written how many bytes were written into it, 0 for a chain that was to be read
    public void giveBack(DescriptorChain chain, int written) {
        if (next == used) {
            throw new IllegalStateException("no chain is out: each is given back once");
        }
        ring.writeUsedEntry(used, chain.head(), written);
        used = used + 1 & RingLayout.INDEX_MASK;
        unpublished = true;
    }

    /// Shows the driver all that was given back, at once.
    ///
    /// @return whether it wants to be interrupted for it; false when there was nothing to show
    public boolean publish() {
        if (!unpublished) {
            return false;
        }
        unpublished = false;
        ring.publishUsedIndexRelease(used);
        ring.fenceBeforeNotify();
        return ring.wantsInterrupt();
    }

    /// Asks the driver not to kick: the ring is being looked at anyway. On an emulated guest each kick
    /// costs more than a packet.
    public void quiet() {
        if (fault == null) {
            ring.writeUsedFlags(RingLayout.NO_NOTIFY);
        }
    }

    /// Asks for kicks again, and looks once more.
    ///
    /// @return whether something came meanwhile, for which there may be no kick
    public boolean listen() {
        if (fault != null) {
            return false;
        }
        ring.writeUsedFlags(0);
        ring.fenceBeforeIdle();
        return ring.availIndexAcquire() != next;
    }

    /// Where the ring stands: what GET_VRING_BASE answers, and where another one goes on.
    public int next() {
        return next;
    }

    /// Which rule was broken; empty while all is well.
    public Optional<RingFault> fault() {
        return Optional.ofNullable(fault);
    }

    /// The user of the ring found its content impossible: a chain without room for a header. The ring is
    /// broken like by any other breach.
    public void declareBroken(Kind kind, String detail) {
        broken(kind, detail);
    }

    /// Copies descriptor after descriptor and judges the copies.
    private boolean follow(int head, DescriptorChain chain) {
        chain.begin(head);
        int index = head;
        long length = 0;
        for (int count = 1; ; count++) {
            if (count > place.entries()) {
                broken(Kind.CHAIN_TOO_LONG, "more than %d descriptors from %d on, a loop".formatted(count - 1, head));
                return false;
            }
            long address = ring.descriptorAddress(index);
            long size = Integer.toUnsignedLong(ring.descriptorLength(index));
            int flags = ring.descriptorFlags(index);
            int following = ring.descriptorNext(index);
            length += size;
            if (!judge(index, address, size, flags, length, chain)) {
                return false;
            }
            if ((flags & RingLayout.NEXT) == 0) {
                return true;
            }
            if (following >= place.entries()) {
                broken(
                        Kind.NEXT_OUT_OF_RING,
                        "descriptor %d of %d, named by descriptor %d".formatted(following, place.entries(), index));
                return false;
            }
            index = following;
        }
    }

    private boolean judge(int index, long address, long size, int flags, long length, DescriptorChain chain) {
        if ((flags & RingLayout.INDIRECT) != 0) {
            broken(Kind.INDIRECT, "flags 0x%x in descriptor %d".formatted(flags, index));
            return false;
        }
        if ((flags & RingLayout.WRITE) != 0 != (direction == Direction.TO_GUEST)) {
            broken(
                    Kind.WRONG_DIRECTION,
                    "flags 0x%x in descriptor %d of the ring %s".formatted(flags, index, direction));
            return false;
        }
        if (length > Integer.MAX_VALUE) {
            broken(Kind.CHAIN_TOO_BIG, "%d bytes up to descriptor %d".formatted(length, index));
            return false;
        }
        int region = memory.find(address, size);
        if (region == GuestMemory.NOWHERE) {
            broken(Kind.OUT_OF_MEMORY, "%d bytes at 0x%x in descriptor %d".formatted(size, address, index));
            return false;
        }
        chain.add(memory.segment(region), memory.offset(region, address), (int) size);
        return true;
    }

    private Taken broken(Kind kind, String detail) {
        if (fault == null) {
            fault = new RingFault(kind, detail);
        }
        return Taken.BROKEN;
    }

    private SplitRing locate() {
        MemorySegment table =
                part("descriptor table", place.descriptors(), place.descriptorBytes(), RingLayout.DESCRIPTOR_ALIGNMENT);
        MemorySegment available =
                part("available ring", place.available(), place.availableBytes(), RingLayout.AVAILABLE_ALIGNMENT);
        MemorySegment usedRing = part("used ring", place.used(), place.usedBytes(), RingLayout.USED_ALIGNMENT);
        return new SplitRing(table, available, usedRing, place.entries());
    }

    private MemorySegment part(String name, long address, long bytes, int alignment) {
        int region = memory.find(address, bytes);
        if (address % alignment != 0 || region == GuestMemory.NOWHERE) {
            broken(
                    Kind.MISPLACED_RING,
                    "%s of %d bytes at 0x%x, to be a multiple of %d".formatted(name, bytes, address, alignment));
            return MemorySegment.NULL;
        }
        MemorySegment part = memory.segment(region).asSlice(memory.offset(region, address), bytes);
        // Words are read and written whole, so they must be aligned here as they are in the guest.
        int wanted = Math.min(alignment, Integer.BYTES);
        if (part.maxByteAlignment() < wanted || part.address() % wanted != 0) {
            broken(Kind.MISPLACED_RING, "%s mapped at a place that is no multiple of %d".formatted(name, wanted));
            return MemorySegment.NULL;
        }
        return part;
    }
}
