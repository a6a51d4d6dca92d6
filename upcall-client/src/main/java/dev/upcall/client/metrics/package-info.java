/// What operators see: Micrometer meters, and Prometheus text over HTTP on request.
///
/// | meter                        | kind    | tags                   | what it counts                                           |
/// |------------------------------|---------|------------------------|----------------------------------------------------------|
/// | `upcall.requests`            | timer   | `operation`, `outcome` | requests that ended, from submission, with a histogram   |
/// | `upcall.late.replies`        | counter | `operation`            | replies that came after their outcome was called unknown |
/// | `upcall.connections`         | gauge   | `state`                | clients in each state                                    |
/// | `upcall.reconnects`          | counter | `reason`               | connections and dials that ended, by trouble             |
/// | `upcall.rejected.frames`     | counter |                        | frames that no guest may send                            |
/// | `upcall.queue.length`        | gauge   |                        | requests that wait, over all clients                     |
/// | `upcall.bridge.connections`  | gauge   |                        | connections a bridge holds                               |
/// | `upcall.bridge.opened`, `.closed`, `.bytes` | counter | `direction`, `reason`  | what became of them                       |
///
/// Micrometer is an optional dependency: an embedder who does not use this package needs none of it.
///
/// Imports: `dev.upcall.client`, `bridge`, `dev.upcall.proto`. Start reading at [MicrometerObserver].
@NullMarked
package dev.upcall.client.metrics;

import org.jspecify.annotations.NullMarked;
