/// What an operator sees of a stub: Micrometer meters, shown by the client's `MetricsEndpoint` where it is asked for.
///
/// | meter                        | kind    | tags                  | what it counts                              |
/// |------------------------------|---------|-----------------------|---------------------------------------------|
/// | `upcall.guest.connections`   | gauge   |                       | connections the guest holds                 |
/// | `upcall.guest.requests`      | counter | `operation`           | requests it has read                        |
/// | `upcall.guest.replies`       | counter | `operation`, `result` | replies that were ready, before any mood    |
/// | `upcall.guest.crashes`       | counter |                       | requests that killed their kernel thread    |
/// | `upcall.guest.reboots`       | counter |                       | boots after the first                       |
///
/// Imports: `service`, `dev.upcall.proto`. One class: [MicrometerServerObserver].
@NullMarked
package dev.upcall.stub.metrics;

import org.jspecify.annotations.NullMarked;
