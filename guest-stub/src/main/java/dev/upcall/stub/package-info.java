/// The guest's side without a guest: a process that answers as a real kernel would, byte for byte.
///
/// A machine with CPUs, MMIO devices and PCI functions is kept in memory, one model for each family of kernels, with
/// that family's quirks. Requests arrive on a UNIX socket, over hybrid or real vsock, or on standard input, and are
/// answered from the model. On demand the stub falls into a mood: it delays, goes silent, cuts an answer in two, loses
/// it or resets the connection. That is how everything the host side claims about bad days is tried without one.
///
/// The same port over another machine is an agent: inside a real guest `dev.upcall.stub.linux` carries requests out on the
/// kernel that runs.
///
/// Imports `dev.upcall.proto`, and of the client only `posix`, `transport` and `metrics`.
@NullMarked
package dev.upcall.stub;

import org.jspecify.annotations.NullMarked;
