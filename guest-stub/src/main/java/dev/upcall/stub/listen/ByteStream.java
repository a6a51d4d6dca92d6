package dev.upcall.stub.listen;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/// A stream of bytes in both directions, blocking. One thread may read while another writes.
interface ByteStream extends Closeable {

    /// What has arrived, at least one byte; −1 at the end.
    int read(ByteBuffer into) throws IOException;

    /// All of it.
    void write(ByteBuffer bytes) throws IOException;

    /// Ends a read or write that waits, on whichever thread; they fail then, or come to the end.
    /// Idempotent.
    void interrupt() throws IOException;

    /// Called once nobody reads or writes any more, or ever will. Idempotent.
    @Override
    void close() throws IOException;
}
