/// The host's side: ask a running guest to add or remove a CPU or a device, and learn what became of it.
///
/// A caller opens a client for one guest and makes requests; a session dials the guest's socket, keeps the
/// connection through restarts, sends one request at a time and completes each exactly once. When the answer is lost
/// the caller is told that the outcome is unknown, for a CPU may have been plugged all the same. The rules of all this
/// are decided in [dev.upcall.proto]; what lives here is the part that touches sockets, threads and the clock, and the
/// command line on top of it.
///
/// Imports `dev.upcall.proto`; never the guest stub.
@NullMarked
package dev.upcall.client;

import org.jspecify.annotations.NullMarked;
