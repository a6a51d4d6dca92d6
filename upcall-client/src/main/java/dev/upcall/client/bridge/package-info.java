/// The VMM's hybrid socket without a VMM: host programs reach a guest's ports, and the guest reaches the
/// host's.
///
/// ```
///  host program ── CONNECT 219\n ──▶ /run/vm.sock ┐          ┌─▶ guest end, port 219
///               ◀── OK 1073741824\n ──────────────┤  bridge  │     unix:///folder  → /folder/219
///               ◀════════ bytes ═════════════════▶┤          │     vsock://3       → CID 3, port 219
///                                                 │          │     your own [GuestEnd]
///  /run/vm.sock_52 ◀──────────────────────────────┘          ├◀─ /folder/host, CONNECT 52\n from the guest
///                                                            └◀─ vsock port 52 of this machine, from CID 3
/// ```
///
/// A guest of the folder form has one UNIX socket for each of its ports, named by the decimal port. What the
/// guest itself dials it asks for at `/folder/host`, with the same CONNECT line; the bridge dials `<listen
/// path>_<port>`. A guest of the vsock form dials the ports of this machine itself, so each one that it may
/// dial is a listener of the bridge ([HostPort]); who comes there says no line, hears no OK, and must be that
/// guest.
///
/// Each connection is a [Relay]: a pure machine over a *caller* (who said CONNECT) and a *callee* (who is
/// dialled). No event is impossible; an empty cell changes nothing.
///
/// |                   | ReadingConnect        | DialingCallee         | Open                    | Draining       |
/// |-------------------|-----------------------|-----------------------|-------------------------|----------------|
/// | ConnectRead       | dial → DialingCallee  |                       |                         |                |
/// | PortKnown         | dial → DialingCallee  |                       |                         |                |
/// | LineRefused       | drop, Closed          |                       |                         |                |
/// | CalleeOpened      |                       | OK if asked → Open    |                         |                |
/// | CalleeRefused     |                       | drop, Closed          |                         |                |
/// | CallerBytes       |                       | kept, up to 1 MiB     | forward                 |                |
/// | CalleeBytes       |                       |                       | forward                 |                |
/// | CallerWritable    |                       |                       | read callee, or not     |                |
/// | CalleeWritable    |                       |                       | read caller, or not     |                |
/// | CallerEnded       | drop, Closed          | remembered            | end callee, or → Draining |              |
/// | CalleeEnded       |                       |                       | end caller, or → Draining |              |
/// | CallerGone        | Closed                | drop, Closed          | → Draining              | Closed when both |
/// | CalleeGone        |                       | drop, Closed          | → Draining              | Closed when both |
/// | TimePassed        | drop, Closed          | drop, Closed          |                         | drop, Closed   |
/// | CloseAsked        | drop, Closed          | drop, Closed          | drop, Closed            | drop, Closed   |
///
/// An end of stream does not tell a peer that has closed fully from one that has only closed its writing
/// direction: the socket shows the difference to who polls for `POLLHUP` or writes, and Netty polls for
/// neither. It is taken for a half-close and handed on as one. A service that then ends, as most do, ends the
/// relay; one that writes finds the caller gone at that write, and the relay drains and closes. Only a
/// service that does neither keeps its relay, one of [BridgeOptions]' connections, until one of the two
/// happens or the bridge closes.
///
/// Memory stays bounded: who cannot be written to stops whoever writes to it ([BridgeOptions#bufferBytes] each
/// way).
///
/// Imports: Netty, `dev.upcall.proto.hybrid`, `dev.upcall.client.transport` and `.posix`. Start reading at
/// [Bridge], then [Relay].
@NullMarked
package dev.upcall.client.bridge;

import org.jspecify.annotations.NullMarked;
