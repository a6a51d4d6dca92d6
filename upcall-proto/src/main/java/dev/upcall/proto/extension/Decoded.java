package dev.upcall.proto.extension;

/// What a frame of the extensions turned out to be. The peer's mistakes are values, in the order in which §6
/// checks them.
///
/// @param <M> the messages that may come this way
public sealed interface Decoded<M extends ExtensionMessage> {

    /// A whole message, within every bound.
    record Message<M extends ExtensionMessage>(M message) implements Decoded<M> {}

    /// Size or Protobuf syntax is wrong: a request is −22, a notification or reply ends the connection.
    ///
    /// @param why expected and found, ready to be shown
    record Unreadable<M extends ExtensionMessage>(String why) implements Decoded<M> {}

    /// Nobody here knows the type, or it is not one that may come this way.
    ///
    /// @param notification by the frame's flag
    record UnknownType<M extends ExtensionMessage>(int msgType, boolean notification) implements Decoded<M> {
        public String why() {
            return "%s of unknown msg_type 0x%x".formatted(notification ? "notification" : "message", msgType);
        }
    }

    /// The syntax is right, a value is not. Feature, epoch and state are checked before content (§6), so what
    /// those checks need is told beside.
    ///
    /// @param claim which handshake it wants to be
    /// @param clientEpoch of an EXECUTE_ONCE, as it stood there
    record Faulty<M extends ExtensionMessage>(ExtensionType type, Claim claim, long clientEpoch, String why)
            implements Decoded<M> {}

    /// What a faulty message claims to be, as far as its state matters.
    enum Claim {
        OPEN,
        PROBE,
        OTHER
    }
}
