package dev.upcall.stub.service;

import java.nio.ByteBuffer;

/// What the guest's side wants done with a connection, in order.
public sealed interface Output {

    long connection();

    /// These bytes go to the peer, in one write.
    ///
    /// @param bytes the receiver's own
    record Send(long connection, ByteBuffer bytes) implements Output {}

    /// The guest waits in recv for at most `most` bytes. A driver that can, reads only now; a
    /// simulation may ignore it.
    ///
    /// @param meanwhile frames may have to be written before any bytes come: an opened connection of an
    ///     extended guest
    record Receive(long connection, int most, boolean meanwhile) implements Output {}

    /// The guest closes the stream; the connection is forgotten.
    record Close(long connection, String why) implements Output {}

    /// The stream ends abruptly, like a connection reset where the transport has one; the connection is forgotten.
    record Reset(long connection, String why) implements Output {}
}
