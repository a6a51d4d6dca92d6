/// The guest's side of virtio-vsock, as a fake: any packet in any order, laid out in its rings as Linux lays them
/// out.
///
/// [GuestVsock] is the other side of a `VsockDevice` in the same process, [EchoHost] a host's side that needs no
/// socket:
/// for tests that break rules, and for measuring what a packet costs without a virtual machine. Main code for the
/// reason that `dev.upcall.proto.virtqueue.driver` is.
///
/// Imports: `dev.upcall.proto.virtqueue` with its driver, and `dev.upcall.proto.vsock`. Start reading at
/// [GuestVsock].
@NullMarked
package dev.upcall.proto.vsock.driver;

import org.jspecify.annotations.NullMarked;
