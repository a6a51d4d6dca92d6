package dev.upcall.proto.vsock;

import dev.upcall.proto.virtqueue.DescriptorChain;
import dev.upcall.proto.virtqueue.GuestMemory;
import dev.upcall.proto.virtqueue.RingFault;
import dev.upcall.proto.virtqueue.RingPlace;
import dev.upcall.proto.virtqueue.Virtqueue;
import dev.upcall.proto.virtqueue.Virtqueue.Direction;
import dev.upcall.proto.virtqueue.Virtqueue.Taken;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Two rings and a [Multiplexer]: a whole virtio-vsock device in a guest's memory, without any I/O of its
/// own. Whoever has the memory, a vhost-user back-end or a Java VMM, drives it:
///
/// ```
/// on a kick, after host events, when MORE was said:  did = device.work(now)
///     did & INTERRUPT_TO_GUEST, _FROM_GUEST          → interrupt the guest for that ring
///     did & MORE                                     → call again soon; let others have their turn first
///     did & BROKEN                                   → device.fault() says why; stop both rings
/// at streams().nextDeadline():                       streams().timePassed(now), then work
/// ```
///
/// Bytes are moved once: between the chain and wherever the [HostSide] wants them. Whatever a guest does,
/// nothing is thrown and nothing outside its memory is touched. Confined to one thread.
public final class VsockDevice {

    /// The ring to the guest, by virtio's number.
    public static final int TO_GUEST = 0;

    /// The ring from the guest.
    public static final int FROM_GUEST = 1;

    /// Nothing is to be done.
    public static final int NOTHING = 0;

    public static final int INTERRUPT_TO_GUEST = 1;
    public static final int INTERRUPT_FROM_GUEST = 2;
    public static final int MORE = 4;
    public static final int BROKEN = 8;

    /// Packets of one turn, each way, so that neither starves the other: a guest that floods us shares
    /// its thread with other guests. 256 full packets are 1 MB.
    static final int TURN_PACKETS = 256;

    private final HostSide side;
    private final Multiplexer streams;
    private final DescriptorChain chain = new DescriptorChain();
    private final PacketHeader header = new PacketHeader();
    private final @Nullable Virtqueue[] rings = new Virtqueue[2];

    public VsockDevice(VsockRules rules, HostSide side) {
        this.side = side;
        this.streams = new Multiplexer(rules, side);
    }

    /// Where the driver reports what the host's side does. [#work] follows, for packets may be owed then.
    public Multiplexer streams() {
        return streams;
    }

    /// A ring runs. Call [#work] once without waiting for a kick.
    ///
    /// @param ring [#TO_GUEST] or [#FROM_GUEST]
    public void start(int ring, GuestMemory memory, RingPlace place, int base) {
        Direction direction = ring == TO_GUEST ? Direction.TO_GUEST : Direction.FROM_GUEST;
        rings[ring] = new Virtqueue(memory, place, direction, base);
        if (rings[TO_GUEST] != null && rings[FROM_GUEST] != null) {
            streams.ringsStarted();
        }
    }

    /// A ring that runs goes on in other memory or at another place.
    public void move(int ring, GuestMemory memory, RingPlace place) {
        running(ring).move(memory, place);
    }

    /// A ring stops. The streams live on.
    ///
    /// @return where it stood: what GET_VRING_BASE answers
    public int stop(int ring) {
        int next = running(ring).next();
        rings[ring] = null;
        streams.ringsStopped();
        return next;
    }

    /// Which rule a ring's guest broke.
    public Optional<RingFault> fault(int ring) {
        Virtqueue queue = rings[ring];
        return queue == null ? Optional.empty() : queue.fault();
    }

    /// Takes the guest's packets and gives it those it is owed, until there is nothing more to do or the
    /// turn is over.
    ///
    /// @return what is to be done about it, [#NOTHING] or some of the bits
    public int work(long now) {
        Virtqueue toGuest = rings[TO_GUEST];
        Virtqueue fromGuest = rings[FROM_GUEST];
        if (toGuest == null || fromGuest == null) {
            return NOTHING;
        }
        int did = NOTHING;
        int takes = TURN_PACKETS;
        int gives = TURN_PACKETS;
        boolean again;
        fromGuest.quiet();
        // A guest that refills buffers we do not wait for need not say so: a kick costs an emulated one a lot.
        toGuest.quiet();
        do {
            takes = take(fromGuest, takes, now);
            gives = give(toGuest, gives, now);
            did |= toGuest.publish() ? INTERRUPT_TO_GUEST : NOTHING;
            did |= fromGuest.publish() ? INTERRUPT_FROM_GUEST : NOTHING;
            if (toGuest.fault().isPresent() || fromGuest.fault().isPresent()) {
                return did | BROKEN;
            }
            if (takes == 0 || gives == 0) {
                return did | MORE;
            }
            // Both are asked: each ring that we wait for must want kicks again.
            again = fromGuest.listen();
            again |= streams.hasPackets() && toGuest.listen();
        } while (again);
        return did;
    }

    private int take(Virtqueue queue, int left, long now) {
        int still = left;
        while (still > 0 && queue.take(chain) == Taken.CHAIN) {
            int load = chain.length() - PacketHeader.BYTES;
            if (load < 0) {
                queue.declareBroken(RingFault.Kind.CHAIN_TOO_SHORT, chain.length() + " bytes from the guest");
                return still;
            }
            chain.read(0, header.array(), 0, PacketHeader.BYTES);
            Connection taker = streams.packetArrived(header, load, now);
            if (taker != null) {
                side.fromGuest(taker, chain, PacketHeader.BYTES, header.len());
            }
            queue.giveBack(chain, 0);
            still--;
        }
        return still;
    }

    private int give(Virtqueue queue, int left, long now) {
        int still = left;
        while (still > 0 && streams.hasPackets() && queue.take(chain) == Taken.CHAIN) {
            int room = chain.length() - PacketHeader.BYTES;
            if (room < 1) {
                queue.declareBroken(RingFault.Kind.CHAIN_TOO_SHORT, "room for " + chain.length() + " bytes");
                return still;
            }
            Connection giver = streams.nextPacket(header, room, now);
            int count = header.len();
            chain.write(0, header.array(), 0, PacketHeader.BYTES);
            if (giver != null) {
                side.toGuest(giver, chain, PacketHeader.BYTES, count);
            }
            queue.giveBack(chain, PacketHeader.BYTES + count);
            still--;
        }
        return still;
    }

    private Virtqueue running(int ring) {
        Virtqueue queue = rings[ring];
        if (queue == null) {
            throw new IllegalStateException("ring " + ring + " does not run");
        }
        return queue;
    }
}
