package dev.upcall.client.bridge;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// One end of a bridged connection, as the bridge uses it: bytes both ways, each direction with an end of its own.
///
/// All calls, in both directions, run on the bridge's event loop and never block. A stream starts without reading.
public interface BridgeStream {
    /// Writes all of it, in order, and releases it. Never refuses: the bridge itself stops when
    /// [Receiver#writable] says so.
    void write(ByteBuf bytes);

    /// Whether the receiver is given bytes. Those already on their way may still come after `false`.
    void read(boolean on);

    /// Closes the writing direction, once everything is written.
    void end();

    /// Closes both directions, once everything is written.
    void finish();

    /// Closes both directions at once; what is not written is lost. Idempotent.
    void close();

    /// What a stream tells the bridge.
    interface Receiver {
        /// Bytes, in order; the receiver releases them.
        void received(ByteBuf bytes);

        /// False: more is waiting to be written than [BridgeOptions#bufferBytes]. True: half of it is gone.
        void writable(boolean writable);

        /// The peer has closed its writing direction.
        void ended();

        /// The stream is closed, by whomever. Called once, last.
        ///
        /// @param cause why, when it was an error
        void closed(@Nullable Throwable cause);
    }
}
