package dev.upcall.proto.vhostuser;

import dev.upcall.proto.vhostuser.Message.SetVringAddr;
import java.util.Optional;
import java.util.OptionalInt;

/// What was told about one ring, and what became of it. Immutable.
///
/// @param phase where it stands
/// @param enabled whether SET_VRING_ENABLE allows it to run; where bit 30 was not negotiated it always
///     may
/// @param entries its size, 0 while untold
/// @param addresses its parts, in the front-end's addresses
/// @param base where it starts, or stood when it stopped
/// @param answered what GET_VRING_BASE answered last: the same base again means the same guest
/// @param baseAsked GET_VRING_BASE waits for the ring to stop
/// @param kick its descriptors, [#NO_FD] for none; call and err likewise
record Ring(
        Phase phase,
        boolean enabled,
        int entries,
        Optional<SetVringAddr> addresses,
        int base,
        OptionalInt answered,
        boolean baseAsked,
        int kick,
        int call,
        int err) {

    /// Where a descriptor is not.
    static final int NO_FD = Action.NO_FD;

    /// Where a ring stands.
    enum Phase {
        /// No kick: nothing to wait for.
        IDLE,
        /// Kick told, not enabled yet.
        READY,
        RUNNING,
        /// Ordered to stop; where it stood is not reported yet.
        STOPPING,
        /// The guest broke a rule. Nothing runs until the front-end has stopped the ring and starts it
        /// anew.
        FAULTY
    }

    static final Ring NEW =
            new Ring(Phase.IDLE, false, 0, Optional.empty(), 0, OptionalInt.empty(), false, NO_FD, NO_FD, NO_FD);

    Ring in(Phase next) {
        return new Ring(next, enabled, entries, addresses, base, answered, baseAsked, kick, call, err);
    }

    Ring enabled(boolean on) {
        return new Ring(phase, on, entries, addresses, base, answered, baseAsked, kick, call, err);
    }

    Ring sized(int count) {
        return new Ring(phase, enabled, count, addresses, base, answered, baseAsked, kick, call, err);
    }

    Ring at(SetVringAddr places) {
        return new Ring(phase, enabled, entries, Optional.of(places), base, answered, baseAsked, kick, call, err);
    }

    Ring based(int index) {
        return new Ring(phase, enabled, entries, addresses, index, answered, baseAsked, kick, call, err);
    }

    Ring asked(boolean asked) {
        return new Ring(phase, enabled, entries, addresses, base, answered, asked, kick, call, err);
    }

    /// What the front-end was told, or what it said instead.
    Ring answered(OptionalInt told) {
        return new Ring(phase, enabled, entries, addresses, base, told, baseAsked, kick, call, err);
    }

    Ring kickedBy(int fd) {
        return new Ring(phase, enabled, entries, addresses, base, answered, baseAsked, fd, call, err);
    }

    Ring calling(int fd) {
        return new Ring(phase, enabled, entries, addresses, base, answered, baseAsked, kick, fd, err);
    }

    Ring erring(int fd) {
        return new Ring(phase, enabled, entries, addresses, base, answered, baseAsked, kick, call, fd);
    }
}
