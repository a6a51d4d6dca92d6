package dev.upcall.proto.extension;

/// What an event says, with its number on the wire (§3).
public enum EventKind {
    CPU_ONLINE(1),
    CPU_OFFLINE(2),
    DEVICE_ADDED(3),
    DEVICE_REMOVED(4),
    DEVICE_NEEDS_RESET(5),
    /// Also host → guest.
    CONFIG_CHANGED(6),
    /// The detail is the application's. Never dropped: its source waits for room. Also host → guest.
    USER(7),
    /// Terminal, as are the following two: the sender has stopped accepting work.
    APP_EXIT(8),
    VM_SHUTDOWN(9),
    RESTARTING(10),
    /// A kind of a newer peer. It can be heard, not sent.
    OTHER(-1);

    private static final EventKind[] ALL = values();

    private final int wireNumber;

    EventKind(int wireNumber) {
        this.wireNumber = wireNumber;
    }

    /// After it the guest accepts nothing and closes.
    public boolean isTerminal() {
        return this == APP_EXIT || this == VM_SHUTDOWN || this == RESTARTING;
    }

    /// A source that must not lose waits for room instead of having its event dropped.
    public boolean waitsForRoom() {
        return this == USER;
    }

    /// True where a host may send it to a guest.
    public boolean isOfHost() {
        return this == USER || this == CONFIG_CHANGED;
    }

    int wireNumber() {
        return wireNumber;
    }

    /// @param number at least 1
    static EventKind ofWire(int number) {
        for (EventKind kind : ALL) {
            if (kind.wireNumber == number) {
                return kind;
            }
        }
        return OTHER;
    }
}
