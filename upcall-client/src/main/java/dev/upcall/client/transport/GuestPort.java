package dev.upcall.client.transport;

import java.io.IOException;
import java.nio.ByteBuffer;

/// A guest's port inside this process: what a VMM written in Java implements so that nobody needs a socket.
///
/// ```
///  session ─▶ channel ──received──▶ GuestEnd        (on the channel's event loop, one call at a time)
///             channel ◀─deliver──── HostEnd         (from any thread)
/// ```
///
/// All calls into the guest run on the event loop of the channel and must not block.
@FunctionalInterface
public interface GuestPort {
    /// Somebody dials. The guest's end of the new stream; it may deliver to `host` already.
    ///
    /// @throws IOException when the port refuses; the dialler sees a refused connection with this cause
    GuestEnd open(HostEnd host) throws IOException;

    /// What the host's bytes are given to.
    interface GuestEnd {
        /// Bytes of the stream, in order. The buffer is valid during the call only; take all of it.
        void received(ByteBuffer bytes);

        /// The host has closed, or the connection was lost. Called once, last.
        void closed();
    }

    /// What the guest's bytes are given to. Thread-safe.
    interface HostEnd {
        /// Bytes for the host, in order; copied before it returns.
        ///
        /// False when nothing was taken: the stream is closed, or the host has [#UNREAD_BYTES_MAX] unread.
        /// Requests and replies alternate, so a well-behaved service never meets that.
        boolean deliver(ByteBuffer bytes);

        /// Ends the stream: the host reads what was delivered, then the end.
        void close();

        /// A reply has 1 KiB and only one request is out: 64 of them mean that the host is not reading at all.
        int UNREAD_BYTES_MAX = 64 * 1024;
    }
}
