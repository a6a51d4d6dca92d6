/// Whether the guest is alive, and what its end means for what was plugged into it (§2).
///
/// The guest's part, the *prover*, is one line of `service`: echo the sequence under the mask and its epoch. The client's
/// part is three machines in a row, from bytes to meaning:
///
/// ```
/// probes ─▶ Checker ─┐
/// end of stream ─────┼─▶ Presence ─▶ Verdict ─▶ Attachment ─▶ BIND, UNBIND, REMOVED
/// terminal event ────┤
/// opening (epoch) ───┘
/// ```
///
/// [Checker], one for each connection:
///
/// | fact                    | Idle                     | Busy              | Probing                                   | Ended |
/// |-------------------------|--------------------------|-------------------|-------------------------------------------|-------|
/// | requestSent             | → Busy                   | –                 | must wait: caller's mistake               | –     |
/// | requestEnded            | –                        | → Idle, interval  | –                                         | –     |
/// | frameHeard              | interval anew            | proof             | proof: no misses, deadline anew           | –     |
/// | answered, right         | –                        | –                 | Alive → Idle, interval                    | –     |
/// | answered, other epoch   | –                        | –                 | Restarted → Ended                         | –     |
/// | answered, mask/sequence | –                        | –                 | miss                                      | –     |
/// | time                    | SendProbe → Probing      | –                 | miss                                      | –     |
///
/// A *miss* below the threshold leaves the same probe out for another interval; at the threshold: Lost → Ended.
///
/// [Presence], one for each guest:
///
/// | fact                 | Unmet          | There              | Doubted            | Gone            |
/// |----------------------|----------------|--------------------|--------------------|-----------------|
/// | alive, same epoch    | ALIVE → There  | ALIVE              | ALIVE → There      | ALIVE → There   |
/// | alive, other epoch   | ALIVE → There  | RESTARTED          | RESTARTED → There  | RESTARTED → There |
/// | connectionLost       | –              | LOST → Gone; with a grace → Doubted | – | –               |
/// | probeLost, leaving   | –              | LOST → Gone        | LOST → Gone        | –               |
/// | time                 | –              | –                  | LOST → Gone        | –               |
///
/// [Attachment], one for each guest:
///
/// | verdict, wish        | Unbound    | Bound                                             | Lost                                              |
/// |----------------------|------------|---------------------------------------------------|---------------------------------------------------|
/// | ALIVE, same epoch    | BIND FIRST | –                                                 | BIND RESUMED, picture anew                        |
/// | another epoch        | BIND FIRST | UNBIND; AUTO: REMOVED …, BIND RESTARTED           | AUTO: REMOVED …, BIND RESTARTED; MANUAL: waits    |
/// | LOST                 | –          | UNBIND; AUTO: REMOVED …                           | –                                                 |
/// | unregister           | –          | –                                                 | REMOVED, once                                     |
///
/// 1. Probes leave only while idle, an interval after the end of the previous one; any complete frame is proof of life.
/// 2. Four sources of loss feed one input; the first wins, the others change nothing.
/// 3. Exactly one BIND and one UNBIND for each attachment, alternating; UNBIND precedes removal; unregister is idempotent.
/// 4. A policy change takes effect at the next verdict. MANUAL binds another life only when no entry waits any more.
///
/// Imports: `extension`. Start reading at [Checker], then [Presence], then [Attachment].
@NullMarked
package dev.upcall.proto.extension.liveness;

import org.jspecify.annotations.NullMarked;
