/// A vsock device for a VMM: a vhost-user back-end for QEMU, or the same device for a VMM in this JVM.
///
/// ```
///  QEMU ── /run/vhost.sock ─▶ FrontEnds ─▶ FrontEnd ── Negotiation ──▶ start, stop, move rings; map memory
///   │                                                                          │
///   │ guest memory (shared), kick and call eventfds                            ▼
///   └════════════════════════════════════════════════════════════════▶ VsockDevice (virtqueues, streams)
///                                                                              ▲
///  host program ── CONNECT 219\n ─▶ /run/vm.sock ─▶ HostSockets ═══════════════╡
///               ◀─ OK 1073741824\n ─                                           │
///  host service ◀───── /run/vm.sock_52 ◀─ the guest's connect to CID 2 ════════╛
/// ```
///
/// All rules are those of `proto.vhostuser`, `.virtqueue` and `.vsock`; here is what moves. Each device has one platform
/// thread, [DeviceLoop], and one epoll that waits for everything: kicks, messages, sockets, time.
///
/// | who                    | when                                                     | does                                  |
/// |------------------------|----------------------------------------------------------|---------------------------------------|
/// | kick eventfd           | the guest put something into a ring                      | the device works, once for all kicks  |
/// | front-end's socket     | a message                                                | `Negotiation`, all its orders         |
/// | host program's socket  | bytes, room, its end (RDHUP), its close (HUP)            | [HostSockets] reports to the machine  |
/// | wake eventfd           | another thread asks ([GuestDevice], closing)             | what was posted                       |
///
/// **Why an epoll of its own and not Netty's.** Kicks could be waited for by a Netty loop; what Netty cannot give is the
/// rest: it polls for no HUP, so a program that has closed is one that only writes no more, and its stream would live on
/// until the guest writes; bytes would be copied into a buffer of its own between guest memory and socket; and a write
/// tells when it has left by an object per write. Here the guest's bytes go from its memory into the socket by one
/// `send`, the host's by one `recv` and one copy, and nothing is allocated per packet. Edge-triggered: a stream is
/// registered once, and a pause of its reading costs no call.
///
/// **Why not junixsocket for the descriptors.** See `posix.FdSocket`: its copies have no close-on-exec and stay open until
/// the socket closes; QEMU replaces an eventfd at every stop and cont.
///
/// *Ends.* What a front-end or a guest does wrong ends its own connection or stops its own rings, with the reason in the
/// log and to the [VsockObserver]; the thread goes on and serves the next VM. A stream that is over but whose host
/// program has not read the last bytes keeps them and its socket for up to 60 s without progress.
///
/// *Memory.* A stream holds a buffer of 64 KiB per direction only while bytes wait in it. Sockets of any kind together are
/// as many as there may be streams.
///
/// Imports: `dev.upcall.client.posix`, `.transport` for the socket file, the three pure chapters and `proto.hybrid`. Start
/// reading at [VsockBridge], then [DeviceLoop].
@NullMarked
package dev.upcall.client.bridge.vhost;

import org.jspecify.annotations.NullMarked;
