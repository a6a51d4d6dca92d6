/// The upcall protocol, told as bytes and rules.
///
/// A guest kernel listens on a vsock port for a host that wants to add or remove its CPUs and devices. Both sides
/// speak in frames of 1 KiB: a small header, a load, zeros to the end. This module knows how such a frame is laid
/// out, which values may stand in it, what each kind of guest can bear, and in which state of a connection which
/// event leads where. It knows nothing else: no socket, no thread, no clock and no logger. Whoever drives it hands
/// over bytes and the time, and carries out what it is told; so everything here can be tested from a seed.
///
/// Imports the JDK's plain data types and nothing of ours: every arrow of the house ends here.
@NullMarked
package dev.upcall.proto;

import org.jspecify.annotations.NullMarked;
