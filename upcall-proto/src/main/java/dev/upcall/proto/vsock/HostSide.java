package dev.upcall.proto.vsock;

import dev.upcall.proto.virtqueue.DescriptorChain;

/// The host's side of a [VsockDevice]: orders, and the moving of bytes. These two may report events at
/// once.
public interface HostSide extends HostOrders {

    /// Take these bytes of the guest now, the chain is gone after the call: write them to the socket
    /// where that does not block, hold the rest. Never more than the stream's buffer is held; report what
    /// has left with `hostTook`.
    void fromGuest(Connection connection, DescriptorChain chain, int from, int count);

    /// Put the oldest `count` of the bytes that are held for the guest here.
    void toGuest(Connection connection, DescriptorChain chain, int from, int count);
}
