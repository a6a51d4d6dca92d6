package dev.upcall.client.transport;

import dev.upcall.proto.hybrid.ConnectLine;
import java.nio.file.Path;
import java.util.Optional;

/// Where a guest's port is reached. A value; `toString` gives the URI that [#parse] reads.
///
/// | written                  | meaning                                                        |
/// |--------------------------|----------------------------------------------------------------|
/// | `hvsock:///path[:port]`  | the VMM's UNIX socket, then `CONNECT port`; port 219 by default |
/// | `unix:///path`           | a UNIX socket that is the port itself                           |
/// | `vsock://CID[:port]`     | AF_VSOCK; `vsock://any[:port]` only where somebody listens      |
///
/// The path is taken literally, without percent-decoding. In `hvsock` whatever follows the last `:` of the file
/// name is the port.
public sealed interface Target permits HybridTarget, UnixTarget, VsockTarget, InProcessTarget {
    /// The upcall service of a guest kernel listens here.
    long DEFAULT_PORT = ConnectLine.UPCALL_PORT;

    /// The target that a user named, to be dialled.
    ///
    /// @throws IllegalArgumentException in one sentence: what was expected, what was found, what to do
    static Target parse(String uri) {
        return TargetSyntax.parse(uri, false);
    }

    /// As [#parse], for whoever listens: there `vsock://any` is allowed.
    ///
    /// @throws IllegalArgumentException in one sentence: what was expected, what was found, what to do
    static Target parseListener(String uri) {
        return TargetSyntax.parse(uri, true);
    }

    /// The socket file to be dialled, if there is one: what [PathWatch] can watch.
    default Optional<Path> socketFile() {
        return switch (this) {
            case HybridTarget hybrid -> Optional.of(hybrid.path());
            case UnixTarget unix -> Optional.of(unix.path());
            case VsockTarget _, InProcessTarget _ -> Optional.empty();
        };
    }
}
