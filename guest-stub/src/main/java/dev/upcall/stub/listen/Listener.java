package dev.upcall.stub.listen;

import java.io.IOException;

/// A place where connections to the guest come from.
public interface Listener extends AutoCloseable {

    /// Its target as one would dial it.
    String target();

    /// Nobody is let in any more; connections that are open stay. Idempotent.
    @Override
    void close() throws IOException;
}
