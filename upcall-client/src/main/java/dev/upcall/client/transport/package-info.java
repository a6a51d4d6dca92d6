/// How a host reaches a guest's port: one address syntax, one way to dial, whatever lies in between.
///
/// | target                       | what is dialled                                   | what a peer does first       |
/// |------------------------------|---------------------------------------------------|------------------------------|
/// | `hvsock:///path[:port]`      | the VMM's hybrid UNIX socket                      | `CONNECT <port>\n`, then `OK`|
/// | `unix:///path`               | a UNIX socket that is the guest's port itself     | nothing                      |
/// | `vsock://CID[:port]`         | AF_VSOCK                                          | nothing                      |
/// | in process ([GuestPort])     | Java code of a VMM in this JVM                    | nothing                      |
///
/// ```
///  Target.parse ─▶ Transports.dial ─▶ Channel ─▶ the caller's pipeline
///                        │ fails
///                        ▼
///                  DialFailure: no file · refused · backlog full · …   ◀─ PathWatch: the file has appeared, dial now
/// ```
///
/// Listening is the same in the other direction ([Transports#listen]); there a CID says who may come.
///
/// A channel only moves bytes: the hybrid lines, frames and deadlines are its caller's. Channels run on epoll
/// where Linux offers it, else on NIO; the caller's pipeline is the same.
///
/// Imports: Netty, `dev.upcall.proto.hybrid`, `dev.upcall.client.posix`. Start reading at [Target] and
/// [Transports].
@NullMarked
package dev.upcall.client.transport;

import org.jspecify.annotations.NullMarked;
