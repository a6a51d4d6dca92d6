package dev.upcall.proto.extension;

/// Every event up to this one has been received (§3).
///
/// @param epoch of the sender whose events these are
/// @param sequence 1 or more
public record EventAck(Epoch epoch, long sequence) implements Notification {

    public EventAck {
        Bounds.requireAtLeast("sequence", sequence, 1);
    }

    @Override
    public ExtensionType type() {
        return ExtensionType.EVENT_ACK;
    }
}
