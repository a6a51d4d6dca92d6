package dev.upcall.client.bridge;

import dev.upcall.client.transport.Target;
import dev.upcall.proto.hybrid.ConnectLine;

/// A port of the host at which a guest dials without a CONNECT line: a place of its own says which one is
/// meant.
///
/// @param port the one the guest wants; the bridge dials `<listen path>_<port>`
/// @param listen where the guest comes: `vsock://CID:port`, then only that guest is let in, or a UNIX socket
public record HostPort(long port, Target listen) {
    public HostPort {
        if (port < 0 || port > ConnectLine.PORT_MAX) {
            throw new IllegalArgumentException(
                    "expected a vsock port of 0 to " + ConnectLine.PORT_MAX + ", found " + port + ": choose another");
        }
    }
}
