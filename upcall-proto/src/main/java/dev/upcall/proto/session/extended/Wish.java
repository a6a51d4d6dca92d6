package dev.upcall.proto.session.extended;

import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.liveness.RemovalPolicy;

/// What a caller wants of an extended guest beside hot-plug requests.
public sealed interface Wish {

    /// A wish that is answered, exactly once.
    sealed interface Answered extends Wish {
        /// The driver's own handle; the machine only hands it back.
        Object ticket();
    }

    /// The removal policy; takes effect at the next verdict (§2).
    record ChoosePolicy(RemovalPolicy policy) implements Wish {}

    /// Gives up one lost device.
    record Unregister(DeviceReference device) implements Wish {}

    /// Gives up all lost devices.
    record UnregisterAll() implements Wish {}

    /// The guest's whole inventory, taken after this moment (§4).
    ///
    /// @param limit when waiting for it ends
    record AskInventory(Object ticket, long limit) implements Answered {}

    /// An event for the guest (§3); answered once the guest has acknowledged it.
    ///
    /// @param kind USER or CONFIG_CHANGED
    /// @param timeNanos on this side's monotonic clock
    record SendEvent(Object ticket, EventKind kind, DeviceReference device, Bytes detail, long timeNanos)
            implements Answered {}

    /// From now on events are acknowledged only once they are taken; or as they come.
    record HoldEvents(boolean held) implements Wish {}

    /// Whoever listens has taken the events of this sender up to this one.
    record TakeEvents(Epoch sender, long upTo) implements Wish {}
}
