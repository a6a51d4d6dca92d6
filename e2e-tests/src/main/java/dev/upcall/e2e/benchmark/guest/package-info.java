/// An extended guest for the benchmarks, as a process of its own: the protocol's own `ExtensionService` over one selector.
///
/// Every connection is a guest of its own, so that one process is ten thousand of them; operations succeed at once. It is
/// quicker than the stub, which has a machine behind it and one thread per connection, and no floor like the C server:
/// contenders are held against each other over the same one.
///
/// | told on stdin | answers         | what happens                                                     |
/// |---------------|-----------------|------------------------------------------------------------------|
/// | (at start)    | `listening 1`   | connections are served                                           |
/// | `drop`        | `gone NANOS`    | all connections are closed; new ones are served                  |
/// | `hole`        | `gone NANOS`    | what the present ones say is swallowed; new ones are served      |
///
/// With `flood` behind its path every opened connection is sent user events for as long as there is room: the source paces
/// itself by its window of 256.
///
/// Imports: `dev.upcall.proto`. Start reading at [ExtendedServer].
@NullMarked
package dev.upcall.e2e.benchmark.guest;

import org.jspecify.annotations.NullMarked;
