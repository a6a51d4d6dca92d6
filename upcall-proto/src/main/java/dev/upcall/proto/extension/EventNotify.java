package dev.upcall.proto.extension;

/// Something happened (§3).
///
/// @param epoch of the sender
/// @param sequence 1, 2, 3 … per sender epoch
/// @param device what it is about
/// @param detail at most 512 bytes
/// @param timeNanos on the sender's monotonic clock; comparable with nothing else
/// @param dropped how many events were given up right before this one
public record EventNotify(
        Epoch epoch, long sequence, EventKind kind, DeviceReference device, Bytes detail, long timeNanos, long dropped)
        implements Notification {

    public static final int DETAIL_BYTES_MAX = 512;

    public EventNotify {
        Bounds.requireAtLeast("sequence", sequence, 1);
        Bounds.requireSize("detail", detail.size(), DETAIL_BYTES_MAX);
        Bounds.requireRange("dropped", dropped, 0, sequence - 1);
    }

    @Override
    public ExtensionType type() {
        return ExtensionType.EVENT_NOTIFY;
    }
}
