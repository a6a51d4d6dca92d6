package dev.upcall.client.transport;

import java.nio.file.Path;

/// A UNIX stream socket that is the guest's port itself: no line is spoken before the service's own bytes.
///
/// @param path absolute, at most 107 bytes
public record UnixTarget(Path path) implements Target {
    public UnixTarget {
        TargetSyntax.checked(path);
    }

    @Override
    public String toString() {
        return TargetSyntax.UNIX + path;
    }
}
