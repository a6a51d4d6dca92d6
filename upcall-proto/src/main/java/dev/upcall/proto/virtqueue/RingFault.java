package dev.upcall.proto.virtqueue;

/// Which rule the guest broke, and with what.
///
/// @param kind the rule
/// @param detail the values found, for people
public record RingFault(Kind kind, String detail) {

    public enum Kind {
        /// A part of the ring is not where the ring's own rules allow it, or not in guest memory.
        MISPLACED_RING("a ring whose parts are aligned and lie in guest memory"),
        /// More entries were handed over than the ring has.
        INDEX_JUMPED("an avail.idx at most one ring ahead"),
        /// `avail.ring` names a descriptor that the ring does not have.
        HEAD_OUT_OF_RING("a first descriptor inside the table"),
        /// A descriptor's `next` is one that the ring does not have.
        NEXT_OUT_OF_RING("a next descriptor inside the table"),
        /// A chain longer than the ring visits some descriptor twice: it is a loop.
        CHAIN_TOO_LONG("a chain no longer than the ring"),
        /// More bytes than anything can mean.
        CHAIN_TOO_BIG("a chain of at most 2^31 - 1 bytes"),
        /// INDIRECT was not offered.
        INDIRECT("no indirect descriptor, which was not offered"),
        /// The device would have to write what is to be read, or the other way round.
        WRONG_DIRECTION("descriptors of this ring's direction only"),
        /// Not in guest memory as a whole.
        OUT_OF_MEMORY("a buffer inside one region of guest memory"),
        /// The chain has no room for, or not the bytes of, what must at least be in it.
        CHAIN_TOO_SHORT("a chain that holds at least a packet's header");

        private final String expected;

        Kind(String expected) {
            this.expected = expected;
        }
    }

    @Override
    public String toString() {
        return "expected " + kind.expected + ", found " + detail;
    }
}
