/// How the pure guest meets real streams: one thread that owns it, and a thin driver for each way to reach it.
///
/// ```
///  UNIX, hybrid, stdio: StreamPeer ──arrived──▶ mailbox ──▶ GuestThread ──▶ UpcallServer.advance
///        (a virtual thread each)   ◀──orders─────────────────────┘  ▲            │
///  in process: InProcessPort ──────────────────────────────────────┘◀── time ────┘ wakeAt
/// ```
///
/// | target                   | listener          | a peer says first | refused by                    |
/// |--------------------------|-------------------|-------------------|-------------------------------|
/// | `unix:///path`           | [SocketListener]  | service byte      | end of stream                 |
/// | `hvsock:///path[:port]`  | [SocketListener]  | `CONNECT port\n`  | end of stream, without a word |
/// | `stdio:`                 | [StdioListener]   | service byte      | end of stream                 |
/// | `vsock://any[:port]`     | [VsockListener]   | service byte      | end of stream                 |
/// | in process               | [InProcessPort]   | service byte      | end of stream                 |
///
/// A stream is read only when the guest waits in recv, and only as much as it asks for, so that bytes behind a request stay
/// in the socket while it runs, as with a kernel. A peer that closes meanwhile is noticed when its answer is written.
/// An opened connection of an extended guest is read all the time, by a second thread beside the one that writes: its end is
/// noticed at once, and events leave while a request is out.
/// A socket file has mode 0600, and it is gone when the listener is closed.
///
/// Threads: `GuestThread` is the only one that touches the server; listeners and streams run on virtual threads, those
/// of standard input and AF_VSOCK on platform threads, and each only posts to the mailbox. Imports: `service`, `dev.upcall.client.transport` (the
/// written form of targets, [dev.upcall.client.transport.GuestPort]) and `dev.upcall.client.posix`. Start reading at [GuestThread].
@NullMarked
package dev.upcall.stub.listen;

import org.jspecify.annotations.NullMarked;
