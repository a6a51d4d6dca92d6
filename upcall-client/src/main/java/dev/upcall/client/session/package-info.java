/// Drives `dev.upcall.proto.session` over real channels: one [SessionDriver] per guest, confined to one event loop.
///
/// ```
/// callers ──submit──▶ event loop ──Event──▶ Transitions.step ──Action──▶ channel, futures
///                        ▲                                                  │
///                        └───────────── bytes, end of stream, timers ◀──────┘
/// ```
///
/// The driver's one rule: take one event, step, carry out *all* its actions, publish the new state, only then take the next
/// event. Whatever happens meanwhile (a completed future's dependents submit more, a write fails at once) waits in the
/// driver's inbox.
///
/// Imports: `dev.upcall.proto`, `transport`. Start reading at [SessionDriver].
@NullMarked
package dev.upcall.client.session;

import org.jspecify.annotations.NullMarked;
