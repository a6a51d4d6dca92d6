package dev.upcall.proto.vhostuser;

import java.util.List;

/// What happened: facts, in the past tense.
///
/// A descriptor is told by a number that its receiver chose, usually the descriptor itself; the machine
/// remembers it and says when it is to be closed, once.
public sealed interface Event {

    /// The front-end sent a message.
    ///
    /// @param heard the message and whether it asks for a reply
    /// @param fds the descriptors that came with it, in order
    record MessageArrived(Decoded.Understood heard, List<Integer> fds) implements Event {
        public MessageArrived {
            fds = List.copyOf(fds);
        }
    }

    /// The front-end sent something that is no message; `fds` came with it.
    record NonsenseArrived(String reason, List<Integer> fds) implements Event {
        public NonsenseArrived {
            fds = List.copyOf(fds);
        }
    }

    /// A ring that was ordered to stop has stopped.
    ///
    /// @param next the entry of the available ring that it would have looked at next, u16
    record RingStopped(int ring, int next) implements Event {}

    /// A ring that runs broke a rule; it has been looked at for the last time.
    record RingBroke(int ring, int next) implements Event {}

    /// An order could not be carried out: a region could not be mapped. The orders behind it were left
    /// undone, apart from `CloseFd`.
    record OrderFailed(String reason) implements Event {}

    /// The connection is at its end.
    record FrontEndClosed() implements Event {}
}
