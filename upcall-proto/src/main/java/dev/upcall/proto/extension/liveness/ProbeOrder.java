package dev.upcall.proto.extension.liveness;

import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.Handshake;

/// What the checker wants done, or has found.
public sealed interface ProbeOrder {

    /// Write this probe: a request under the one-outstanding rule that no observer sees as busy.
    record SendProbe(Handshake.Probe probe) implements ProbeOrder {}

    /// ALIVE: the guest has answered as it should.
    record Alive(Epoch epoch) implements ProbeOrder {}

    /// Not yet LOST: below the threshold. For the meters.
    ///
    /// @param inARow 1 or more
    record Missed(int inARow, String why) implements ProbeOrder {}

    /// LOST: close the connection, so that a late reply never meets the next request.
    record Lost(String why) implements ProbeOrder {}

    /// RESTARTED: another guest epoch answered on this connection. Close it and open anew: nothing that was
    /// agreed holds.
    record Restarted(Epoch epoch) implements ProbeOrder {}
}
