package dev.upcall.client;

import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.liveness.BindingOrder.BindCause;
import dev.upcall.proto.extension.liveness.LossCause;

/// Whether an extended guest lives, and what is bound to it (§2 of "Extended guests"). Every method runs
/// on the guest's
/// event
/// loop and must not block.
///
/// `bound` and `unbound` alternate, beginning with `bound`; `unbound` comes before any `removed` of that
/// life. A
/// verdict is
/// told when it differs from the one before.
public interface LivenessListener {

    default void alive(Epoch guest) {}

    default void lost(Epoch guest, LossCause cause) {}

    default void restarted(Epoch before, Epoch guest) {}

    /// BIND: the client is attached to this life of the guest.
    default void bound(Epoch guest, BindCause cause) {}

    /// UNBIND: it is not any more.
    default void unbound(Epoch guest, LossCause cause) {}

    /// REMOVED: the device is gone from the client's picture.
    default void removed(Epoch guest, DeviceReference device) {}
}
