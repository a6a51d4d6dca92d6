package dev.upcall.stub.kernel;

import java.nio.ByteBuffer;

/// What an [UpcallService] wants done after something happened to it.
public sealed interface ServiceStep {

    /// Nothing now.
    record Wait() implements ServiceStep {}

    /// This frame shall leave; [UpcallService#sent] when it has.
    ///
    /// @param frame 1024 bytes, the caller's own
    /// @param greeting it is the CONNECT frame
    record Send(ByteBuffer frame, boolean greeting) implements ServiceStep {}

    /// The guest closes.
    record Close(String why) implements ServiceStep {}
}
