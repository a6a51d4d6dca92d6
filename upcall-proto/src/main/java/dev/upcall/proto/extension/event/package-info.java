/// The event stream (§3), the same two machines in both directions: guest → host and host → guest.
///
/// The sender, one for each receiver:
///
/// | [EventSender]  | no connection                        | connection                                            |
/// |----------------|--------------------------------------|-------------------------------------------------------|
/// | add            | kept; when 256 are, another goes     | the same                                              |
/// | flush          | –                                    | what has not left here, while at most 256 are out     |
/// | acknowledged   | forgotten                            | forgotten                                             |
/// | resumed (seen) | goes on after `seen`, open           | the same: a newer connection has taken over           |
/// | anew           | nothing kept, goes on with the next  | the same                                              |
/// | closed         | –                                    | no connection                                         |
///
/// The receiver:
///
/// | [EventReceiver] | what follows                                                                                |
/// |-----------------|---------------------------------------------------------------------------------------------|
/// | other epoch     | Discard FOREIGN_EPOCH                                                                        |
/// | ≤ last          | Discard DUPLICATE, acknowledgement owed                                                      |
/// | last + 1        | Deliver, acknowledgement owed; at once when terminal                                         |
/// | > last + 1      | Gap, Deliver, acknowledgement owed; at once when terminal                                    |
/// | time            | SendAck when one is owed for 100 ms                                                          |
/// | closed          | nothing owed: the next opening tells it                                                      |
///
/// 1. Acknowledgements are cumulative, within 100 ms or 32 events, whichever is first.
///    Where a listener holds back, the 32 are counted when they are taken: nothing else may be acknowledged.
/// 2. An event at or below the last seen is acknowledged again and dropped.
/// 3. The sender keeps at most 256. USER waits for room; kernel events drop the oldest that is neither terminal nor USER.
/// 4. A listener sees each event once, in order; a gap is what the sequence jumps over, told before the next event.
/// 5. An event of another epoch is dropped and counted.
/// 6. A stream to a receiver that knows the epoch goes on after the last one seen, or at the oldest kept; else it starts
///    with the next event, and what was before is no gap.
///
/// An event that was sent and then given up before its acknowledgement is still on its way (a *stray*), and counts against
/// the 256 that may be: a receiver that reads nothing cannot make the sender write for ever.
///
/// Imports: `extension`. Start reading at [EventSender].
@NullMarked
package dev.upcall.proto.extension.event;

import org.jspecify.annotations.NullMarked;
