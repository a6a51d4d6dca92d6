package dev.upcall.proto.vhostuser;

import java.util.List;

/// What the driver is to do: orders, in the imperative. All of them, in order, before the next event.
public sealed interface Action {

    /// Where a descriptor is not.
    int NO_FD = -1;

    /// Write this, in one piece.
    record Reply(Answer answer) implements Action {}

    /// Map these and use them instead of whatever was mapped before, which can be unmapped then. Rings
    /// that run are told to move by orders that follow. The descriptors are not needed afterwards: each
    /// has its `CloseFd`.
    record MapMemory(List<Mapping> mappings) implements Action {
        public MapMemory {
            mappings = List.copyOf(mappings);
        }
    }

    /// One region and the descriptor of its file, to be mapped shared, readable and writable.
    record Mapping(MemoryRegion region, int fd) {}

    /// No ring runs: unmap all guest memory.
    record UnmapMemory() implements Action {}

    /// The guest rings here. The earlier one, if any, is closed by an order that follows.
    record SetKick(int ring, int fd) implements Action {}

    /// Interrupt the guest here, or nowhere when `fd` is [#NO_FD].
    record SetCall(int ring, int fd) implements Action {}

    /// Tell the front-end here that the ring is broken, or nowhere when `fd` is [#NO_FD].
    record SetErr(int ring, int fd) implements Action {}

    /// Begin to look at the ring, and look once without waiting for a kick: what was put there before the
    /// guest was stopped is announced by nobody.
    ///
    /// @param base the entry of the available ring to begin with
    record StartRing(int ring, RingParts parts, int base) implements Action {}

    /// Go on where you are, with the same parts in the memory that was just mapped, or at new places.
    record MoveRing(int ring, RingParts parts) implements Action {}

    /// Look no more at the ring, and report `RingStopped` as the very next event.
    record StopRing(int ring) implements Action {}

    /// Write the ring's error eventfd.
    record SignalErr(int ring) implements Action {}

    /// The guest that comes knows none of the streams there are: end those it had heard of.
    record ForgetStreams() implements Action {}

    record CloseFd(int fd) implements Action {}

    /// Close the connection and say why: the front-end broke the protocol, or an order failed.
    record HangUp(String reason) implements Action {}
}
