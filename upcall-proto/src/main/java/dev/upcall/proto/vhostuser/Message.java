package dev.upcall.proto.vhostuser;

import java.util.List;

/// A front-end's message, valid by construction: numbers are in range, but whether it may come *now* only
/// [Negotiation] knows. Descriptors are not part of it: they arrive beside the bytes.
public sealed interface Message {

    /// A vsock device has two rings here: 0 to the guest, 1 from the guest. Its event ring stays inside
    /// QEMU.
    int RINGS = 2;

    /// The largest split ring (virtio 1.x, 2.7).
    int RING_SIZE_MAX = 32768;

    record GetFeatures() implements Message {}

    record SetFeatures(long features) implements Message {}

    record SetOwner() implements Message {}

    /// No longer used by the specification; it changes nothing here.
    record ResetOwner() implements Message {}

    /// One descriptor rides along for each region, in order.
    record SetMemTable(List<MemoryRegion> regions) implements Message {
        public SetMemTable {
            regions = List.copyOf(regions);
            if (regions.isEmpty() || regions.size() > MessageLayout.FDS_MAX) {
                throw new IllegalArgumentException("expected 1 to " + MessageLayout.FDS_MAX
                        + " memory regions, one descriptor each, found " + regions.size());
            }
            for (int i = 0; i < regions.size(); i++) {
                for (int j = 0; j < i; j++) {
                    if (regions.get(i).overlaps(regions.get(j))) {
                        throw new IllegalArgumentException("expected memory regions that do not overlap, found ("
                                + regions.get(j) + ") and (" + regions.get(i) + ")");
                    }
                }
            }
        }
    }

    sealed interface OfRing extends Message {
        int ring();
    }

    /// How many entries the ring has: a power of two.
    record SetVringNum(int ring, int entries) implements OfRing {
        public SetVringNum {
            checkRing(ring);
            if (entries < 1 || entries > RING_SIZE_MAX || Integer.bitCount(entries) != 1) {
                throw new IllegalArgumentException("expected a ring of 1 to " + RING_SIZE_MAX
                        + " entries, a power of two, found " + Integer.toUnsignedString(entries));
            }
        }
    }

    /// Where the ring's parts are, in the front-end's addresses. `log` counts only while dirty pages are
    /// logged, which is not offered.
    record SetVringAddr(int ring, int flags, long descriptors, long used, long available, long log) implements OfRing {
        public SetVringAddr {
            checkRing(ring);
        }
    }

    /// The first entry of the available ring that is to be looked at.
    record SetVringBase(int ring, int base) implements OfRing {
        public SetVringBase {
            checkRing(ring);
            if (base < 0 || base > 0xffff) {
                throw new IllegalArgumentException(
                        "expected a ring base of 0 to 65535, found " + Integer.toUnsignedString(base));
            }
        }
    }

    /// Stops the ring; the answer tells where it stood.
    record GetVringBase(int ring) implements OfRing {
        public GetVringBase {
            checkRing(ring);
        }
    }

    /// The eventfd by which the guest wakes us. Starts the ring.
    ///
    /// @param descriptor whether one rides along; without one the ring would have to be polled
    record SetVringKick(int ring, boolean descriptor) implements OfRing {
        public SetVringKick {
            checkRing(ring);
        }
    }

    /// The eventfd by which we interrupt the guest.
    record SetVringCall(int ring, boolean descriptor) implements OfRing {
        public SetVringCall {
            checkRing(ring);
        }
    }

    /// The eventfd by which we tell the front-end that the ring is broken.
    record SetVringErr(int ring, boolean descriptor) implements OfRing {
        public SetVringErr {
            checkRing(ring);
        }
    }

    record SetVringEnable(int ring, boolean enabled) implements OfRing {
        public SetVringEnable {
            checkRing(ring);
        }
    }

    record GetProtocolFeatures() implements Message {}

    record SetProtocolFeatures(long features) implements Message {}

    record GetQueueNum() implements Message {}

    /// `size` bytes of the configuration space from `offset`; as many bytes came along and are ignored.
    record GetConfig(int offset, int size, int flags) implements Message {
        public GetConfig {
            if (size < 0 || size > MessageLayout.CONFIG_BYTES_MAX) {
                throw new IllegalArgumentException("expected at most " + MessageLayout.CONFIG_BYTES_MAX
                        + " bytes of configuration, found " + Integer.toUnsignedString(size));
            }
        }
    }

    /// A vsock device has nothing that a front-end could set.
    record SetConfig() implements Message {}

    /// One that we do not know, or whose feature was not offered.
    record Unknown(int code) implements Message {
        @Override
        public String toString() {
            return RequestCode.nameOf(code);
        }
    }

    /// True where the answer is part of the request's meaning, so that need-reply asks for nothing more.
    default boolean answersItself() {
        return switch (this) {
            case GetFeatures _, GetProtocolFeatures _, GetQueueNum _, GetConfig _, GetVringBase _ -> true;
            case SetFeatures _, SetOwner _, ResetOwner _, SetMemTable _, SetProtocolFeatures _, SetConfig _ -> false;
            case SetVringNum _, SetVringAddr _, SetVringBase _, SetVringEnable _ -> false;
            case SetVringKick _, SetVringCall _, SetVringErr _, Unknown _ -> false;
        };
    }

    private static void checkRing(int ring) {
        if (ring < 0 || ring >= RINGS) {
            throw new IllegalArgumentException("expected ring 0 (to the guest) or 1 (from the guest), found "
                    + Integer.toUnsignedString(ring) + ": this is the back-end of a vsock device");
        }
    }
}
