package dev.upcall.proto.extension.liveness;

import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import java.util.Set;

/// What is to be told and done about an attachment.
public sealed interface BindingOrder {

    /// BIND: the client is attached to this life of the guest.
    record Bind(Epoch epoch, BindCause cause) implements BindingOrder {}

    /// UNBIND: it is not any more. Exactly one for each Bind, and before any removal.
    record Unbind(Epoch epoch, LossCause cause) implements BindingOrder {}

    /// REMOVED: the device is gone from the client's picture.
    record Removed(Epoch epoch, DeviceReference device) implements BindingOrder {}

    /// The guest is back with the same epoch: take the picture anew from its inventory.
    ///
    /// @param otherwise what it was at LOST: the picture where the guest has no inventory
    record RenewPicture(Set<DeviceReference> otherwise) implements BindingOrder {}

    enum BindCause {
        /// The first guest, or the first after everything was unregistered.
        FIRST,
        /// Another life of the guest.
        RESTARTED,
        /// The life that was lost answers again: it was paused, or the bridge restarted.
        RESUMED
    }
}
