package dev.upcall.client.transport;

import java.nio.file.Path;

/// A guest's port behind the UNIX socket of its VMM. Whoever dials writes `CONNECT <port>` first.
///
/// @param path absolute, at most 107 bytes
/// @param port the guest's vsock port
public record HybridTarget(Path path, long port) implements Target {
    public HybridTarget {
        TargetSyntax.checked(path);
        TargetSyntax.checkedPort(port);
    }

    @Override
    public String toString() {
        return TargetSyntax.hybrid(this);
    }
}
