package dev.upcall.stub.listen;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/// A stream of bytes in both directions, blocking.
interface ByteStream extends Closeable {

    /// What has arrived, at least one byte; −1 at the end.
    int read(ByteBuffer into) throws IOException;

    /// All of it.
    void write(ByteBuffer bytes) throws IOException;

    /// May be called by another thread while the first one reads: its read then fails.
    @Override
    void close() throws IOException;
}
