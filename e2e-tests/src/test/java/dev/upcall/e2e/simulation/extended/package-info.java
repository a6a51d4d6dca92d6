/// Whole clients against an extended guest, in virtual time, from a seed.
///
/// ```
///   Caller ──wishes──▶ Host: a session        ExtendedWire            ExtendedGuest: the stub's server, agent, machine
///                       │  ▲   and its driver ───bytes───▶ ───bytes───▶   ▲
///   Promises ◀──────────┤  │                                              │
///   Listener ◀──────────┤  └──events── InboundStream ◀──────bytes─────────┤
///   Letters  ◀──────────┘                                             Misfortune: reboots, pauses, crowds …
/// ```
///
/// The sister of the simulation of stock guests, by whose agenda, trail and truth it lives. Here the guest
/// has many lives: its agent begins another epoch, it boots anew, goes back to an earlier moment, ends in
/// order, or comes back as a stock kernel. What it did is read from its machine and counted where it is done
/// ([Executions]), never from what the client says or the agent remembers.
///
/// | checked                                                                       | where          |
/// |-------------------------------------------------------------------------------|----------------|
/// | each request ends exactly once, and as the guest shows it                     | [Promises]     |
/// | an EXECUTE_ONCE is carried out at most once, over all lives of the guest      | [Executions]   |
/// | never two requests out, of any kind                                           | [ExtendedWire] |
/// | events: once, in order, gap-free or announced, as they were raised            | [Listener]     |
/// | no user event in a gap, but after 30 s of absence                             | [Listener]     |
/// | BIND and UNBIND alternate; REMOVED only between; nothing of a life unbound    | [Listener]     |
/// | nothing is acknowledged that was not heard, or is held back                   | [Listener]     |
/// | host events: heard at most once and in order, and surely where told so        | [Letters]      |
/// | an inventory is as the guest was                                              | [Letters]      |
/// | a truthful picture never crashes a guest                                      | [ExtendedGuest]|
/// | a session has a transport, a deadline and a bound where it needs one          | `Invariants`   |
/// | after the faults: connected, bound, nothing open, and clients believe what is | [Calm]         |
///
/// A run's guest, times and inclinations to faults are drawn from its seed ([Climate]). Each [Fault] is
/// counted when it is really done ([Tally]). Two things are not done because no client could notice them: a
/// stock guest that is gone is told by the end of its connections within 100 ms, and is back no sooner than
/// after 500 ms.
///
/// Start reading at [ExtendedSimulation].
@NullMarked
package dev.upcall.e2e.simulation.extended;

import org.jspecify.annotations.NullMarked;
