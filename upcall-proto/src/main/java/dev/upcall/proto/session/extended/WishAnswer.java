package dev.upcall.proto.session.extended;

import dev.upcall.proto.extension.inventory.Inventory;

/// How a wish ended.
public sealed interface WishAnswer {

    /// What the guest has.
    record Inventoried(Inventory inventory) implements WishAnswer {}

    /// The guest has acknowledged the event.
    ///
    /// @param sequence its number in this client's stream
    record Delivered(long sequence) implements WishAnswer {}

    record Denied(Cause cause, String why) implements WishAnswer {}

    enum Cause {
        /// No connection until the wish's limit, or none any more.
        NOT_CONNECTED,
        /// The guest is a stock one or has not agreed to the feature.
        UNSUPPORTED,
        /// The guest changed faster than its inventory could be read: `InventoryUnstable` (§4).
        UNSTABLE,
        /// So many wait already that no further one is taken.
        NO_ROOM,
        /// The guest began another life; whether the earlier one had the event nobody knows.
        GUEST_RESTARTED,
        CLOSED
    }
}
