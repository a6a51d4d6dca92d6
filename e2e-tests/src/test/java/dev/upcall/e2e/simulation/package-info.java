/// The session against a hostile guest, in virtual time, from a seed.
///
/// ```
///            Embedder  (wishes, cancels, gives pictures, closes)
///               │ events
///               ▼
///  Ledger ◀── Simulation ──actions──▶ Wire ──bytes──▶ GuestSide (UpcallServer and its machine)
///  Invariants      ▲                   │  ◀──bytes──      ▲
///                  └────── events ─────┘               Storm (moods, resets, reboots, noise)
///                        (InboundStream)
/// ```
///
/// Nothing here has a thread or a clock: an [Agenda] says what happens next, a seed says what that is, and the same seed
/// always gives the same run. What the guest really did is read from the stub's machine, never from what the client says.
///
/// | checked                                                                          | where               |
/// |----------------------------------------------------------------------------------|---------------------|
/// | each request ends exactly once; a late answer only after a deadline, once          | [Ledger]            |
/// | never Done, Absent or Refused unless the guest did just that                      | [Ledger], [Truth]   |
/// | never two requests out; what ended as not sent never left; nothing leaves too late | [Simulation], [Ledger] |
/// | a transport is open exactly in the states that have one; orders only for that one  | [Invariants]        |
/// | whoever waits has a deadline, and a deadline that has passed is not asked for again | [Invariants]        |
/// | the queue keeps its bound                                                         | [Invariants]        |
/// | a truthful picture never crashes or damages the guest                             | [GuestSide]         |
/// | a plan stops at the first failure, takes back exactly what was done, and reports all of it | [Planner]     |
/// | once the faults stop: connected, every request ended, and the guest answers        | [Simulation]        |
///
/// Fault weights, pace and friendliness are drawn from the seed ([Weather]), so that some runs are quiet but for one fault.
/// Beside the [Embedder] a [Planner] carries out plans on the same session.
///
/// Start reading at [Simulation].
@NullMarked
package dev.upcall.e2e.simulation;

import org.jspecify.annotations.NullMarked;
