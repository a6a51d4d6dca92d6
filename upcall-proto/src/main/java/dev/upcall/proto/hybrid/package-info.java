/// Hybrid vsock: a guest's vsock ports behind one host UNIX socket.
///
/// ```
/// host → VMM   CONNECT <port>\n      ASCII decimal, written in one piece
/// VMM  → host  OK <number>\n         from here on the stream is the guest's port
///              (end of stream)       nobody listens there, and nobody says why
/// ```
///
/// [ConnectLine] writes the first and reads it on the VMM's side, in any pieces; [OkLine] reads the second byte-exactly:
/// whatever follows `\n` already belongs to the stream. Both lines are at most 32 bytes. Source: `hybrid-vsock`.
///
/// Imports: nothing. Start reading at [ConnectLine].
@NullMarked
package dev.upcall.proto.hybrid;

import org.jspecify.annotations.NullMarked;
