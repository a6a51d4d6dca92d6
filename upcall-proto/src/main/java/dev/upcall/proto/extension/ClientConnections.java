package dev.upcall.proto.extension;

import java.util.Optional;

/// How many connections a client has to the guest (§4).
///
/// @param client empty for the connections that no HANDSHAKE has opened
/// @param count 1 or more
public record ClientConnections(Optional<Epoch> client, int count) {

    public ClientConnections {
        Bounds.requireAtLeast("connection count", count, 1);
    }
}
