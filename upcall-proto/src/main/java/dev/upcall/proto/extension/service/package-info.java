/// The guest's side of the extensions, over all its connections: opening, prover, once-tables, events.
///
/// A connection, and what a frame of the extensions does to it; *stock* means that the kernel's own code serves it:
///
/// | frame                                 | FRESH                | STOCK | OPENED                                              |
/// |---------------------------------------|----------------------|-------|-----------------------------------------------------|
/// | HANDSHAKE OPEN                        | answer → OPENED      | −71   | −71                                                 |
/// | … no common version                   | −93, close           | −71   | −71                                                 |
/// | … all 64 client epochs in use         | −11, close           | −71   | −71                                                 |
/// | HANDSHAKE PROBE                       | −71                  | −71   | answer                                              |
/// | INVENTORY                             | stock → STOCK        | stock | page                                                |
/// | EXECUTE_ONCE                          | stock → STOCK        | stock | execute, replay, wait, −22, −71 (epoch) or −116     |
/// | EVENT_NOTIFY, EVENT_ACK               | close                | stock | deliver, acknowledge                                |
/// | other notification                    | close                | stock | close                                               |
/// | other request                         | stock → STOCK        | stock | −1; a reserved type −95                             |
/// | request of a feature not negotiated   | (none is)            | stock | −95                                                 |
/// | notification of such                  | close                | stock | close                                               |
/// | undecodable or oversized request      | HANDSHAKE −22        | HANDSHAKE −22 | −22                                         |
/// | undecodable or oversized notification | close                | stock | close                                               |
/// | plain request ([ExtensionService#plainRequest]) | → STOCK    | –     | –                                                   |
///
/// 1. Checks in the order of §6: size and syntax, feature, epoch, state, content; the first failure wins and changes nothing.
/// 2. 64 client epochs, least recently used first out, never one with an open connection. An epoch that is named again after
///    its eviction gets `once_lost`, in every opening until something that the client says later proves that it has read
///    that: were it told only once, a lost reply would let an old request be executed a second time.
/// 3. Events have one sequence for the guest epoch; what is kept and acknowledged is per client epoch. A user event waits
///    for the slowest client, but not for one that has been away for longer than 30 s.
/// 4. A terminal event closes all connections once it is acknowledged, at the latest after 500 ms. From then on nothing is
///    begun: a request gets no answer but the close.
///
/// The guest brings what only it knows: it carries operations out, shows its inventory, raises events; it writes frames,
/// closes connections, and watches the clock.
///
/// Imports: `extension` and its chapters `event` and `once`; `message`, `wire`. Start reading at [ExtensionService].
@NullMarked
package dev.upcall.proto.extension.service;

import org.jspecify.annotations.NullMarked;
