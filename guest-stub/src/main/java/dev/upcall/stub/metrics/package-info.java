/// What an operator sees of a stub: Micrometer meters, shown by the client's `MetricsEndpoint` where it is asked for.
///
/// | meter                        | kind    | tags                  | what it counts                              |
/// |------------------------------|---------|-----------------------|---------------------------------------------|
/// | `upcall.guest.connections`   | gauge   |                       | connections the guest holds                 |
/// | `upcall.guest.requests`      | counter | `operation`           | plain requests it has read                  |
/// | `upcall.guest.replies`       | counter | `operation`, `result` | replies that were ready, before any mood    |
/// | `upcall.guest.crashes`       | counter |                       | requests that killed their kernel thread    |
/// | `upcall.guest.reboots`       | counter |                       | boots after the first                       |
/// | `upcall.guest.restarts`      | counter |                       | starts of the agent in the same boot        |
/// | `upcall.guest.probes`        | counter |                       | probes answered                             |
/// | `upcall.guest.once`          | counter | `how`                 | EXECUTE_ONCE `executed` or `replayed`       |
/// | `upcall.guest.events.sent`   | counter | `kind`                | events that left, for each client           |
/// | `upcall.guest.events.acknowledged` | counter |                 | events that clients have acknowledged       |
/// | `upcall.guest.events.dropped` | counter |                      | events given up, as the next one tells      |
/// | `upcall.guest.events.heard`  | counter |                       | events of hosts                             |
///
/// Imports: `service`, `dev.upcall.proto`. One class: [MicrometerServerObserver].
@NullMarked
package dev.upcall.stub.metrics;

import org.jspecify.annotations.NullMarked;
