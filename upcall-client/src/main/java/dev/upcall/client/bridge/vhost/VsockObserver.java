package dev.upcall.client.bridge.vhost;

import dev.upcall.client.bridge.BridgeObserver.Direction;
import dev.upcall.proto.vsock.CloseReason;

/// Told what becomes of a device and its streams: for metrics and logs. Called on the device's thread;
/// must not block.
public interface VsockObserver {
    /// Observes nothing.
    VsockObserver NONE = new VsockObserver() {};

    /// A VM has come.
    default void frontEndCame() {}

    /// It has gone, or was sent away.
    ///
    /// @param reason why it was sent away; empty when it simply went
    default void frontEndGone(String reason) {}

    /// The guest broke a ring: the device stands still until the VM starts it anew.
    ///
    /// @param reason which rule, and the values found
    default void broke(String reason) {}

    /// The device itself has failed, by a mistake of ours or because the system is out of something; it
    /// is closed, and its socket files are gone.
    default void failed(String reason) {}

    /// A stream is open; one that was never open is only closed.
    ///
    /// @param hostPort u32; the number behind OK
    /// @param guestPort u32
    default void opened(long hostPort, long guestPort, Direction direction) {}

    /// A stream is over.
    ///
    /// @param toGuest bytes that the host's side sent
    /// @param toHost bytes that the guest sent
    default void closed(long hostPort, long guestPort, CloseReason reason, String detail, long toGuest, long toHost) {}
}
