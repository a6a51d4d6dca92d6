package dev.upcall.proto.extension;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The messages of the extensions by their `msg_type`.
///
/// | types         | reserved for later work             |
/// |---------------|-------------------------------------|
/// | 0x110 … 0x114 | device STOP and virtqueue state     |
/// | 0x120 … 0x127 | event channels                      |
public enum ExtensionType {
    HANDSHAKE(0x100, false),
    EVENT_NOTIFY(0x101, true),
    EVENT_ACK(0x102, true),
    INVENTORY(0x103, false),
    EXECUTE_ONCE(0x104, false);

    public static final int DEVICE_STOP_FIRST = 0x110;
    public static final int DEVICE_STOP_LAST = 0x114;
    public static final int EVENT_CHANNEL_FIRST = 0x120;
    public static final int EVENT_CHANNEL_LAST = 0x127;

    private static final ExtensionType[] ALL = values();

    private final int msgType;
    private final boolean notification;

    ExtensionType(int msgType, boolean notification) {
        this.msgType = msgType;
        this.notification = notification;
    }

    /// The `msg_type` on the wire.
    public int msgType() {
        return msgType;
    }

    /// True where the frame carries the NOTIFICATION flag and is never answered.
    public boolean isNotification() {
        return notification;
    }

    public static Optional<ExtensionType> ofMsgType(int msgType) {
        return Optional.ofNullable(ofWire(msgType));
    }

    /// Every frame asks: nothing is made for the answer.
    static @Nullable ExtensionType ofWire(int msgType) {
        for (ExtensionType type : ALL) {
            if (type.msgType == msgType) {
                return type;
            }
        }
        return null;
    }

    /// The feature that a reserved type will need; empty for every other type. A guest refuses it with −95.
    public static Optional<Feature> reservedFor(int msgType) {
        if (msgType >= DEVICE_STOP_FIRST && msgType <= DEVICE_STOP_LAST) {
            return Optional.of(msgType == DEVICE_STOP_FIRST ? Feature.DEVICE_STOP : Feature.VIRTQUEUE_STATE);
        }
        boolean channel = msgType >= EVENT_CHANNEL_FIRST && msgType <= EVENT_CHANNEL_LAST;
        return channel ? Optional.of(Feature.EVENT_CHANNELS) : Optional.empty();
    }
}
