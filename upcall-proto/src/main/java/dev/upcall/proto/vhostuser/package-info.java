/// vhost-user, the back-end's side: how QEMU hands a vsock device's memory and rings to another process.
///
/// One UNIX stream socket; the back-end listens, and one front-end comes and talks. A message is a header and a payload,
/// little-endian; up to eight descriptors ride on the first byte of it.
///
/// | offset | size | field     | meaning                                                                   |
/// |-------:|-----:|-----------|---------------------------------------------------------------------------|
/// |      0 |    4 | `request` | [RequestCode]                                                             |
/// |      4 |    4 | `flags`   | bits 0–1 version = 1, bit 2 reply, bit 3 need-reply; a reply has 0x5      |
/// |      8 |    4 | `size`    | bytes of payload                                                          |
/// |     12 |    … | payload   | nothing, or one of those below                                            |
///
/// | payload       | bytes     | of                                      | fields                                                              |
/// |---------------|----------:|-----------------------------------------|---------------------------------------------------------------------|
/// | number        |         8 | FEATURES, PROTOCOL_FEATURES, QUEUE_NUM, acknowledgement | u64                                                 |
/// | ring and fd   |         8 | SET_VRING_KICK, CALL, ERR               | u64: bits 0–7 ring, bit 8 = no descriptor rides along               |
/// | ring state    |         8 | SET_VRING_NUM, BASE, ENABLE; GET_VRING_BASE | u32 ring, u32 number                                            |
/// | ring address  |        40 | SET_VRING_ADDR                          | u32 ring, u32 flags, u64 descriptors, u64 used, u64 available, u64 log |
/// | memory table  | 8 + 32 n  | SET_MEM_TABLE, n descriptors            | u32 n, u32 0, n × {u64 guest address, u64 size, u64 front-end address, u64 map offset} |
/// | configuration |    12 + n | GET_CONFIG                              | u32 offset, u32 n, u32 flags, n bytes: the guest's CID as u64       |
///
/// Answered are GET_FEATURES, GET_PROTOCOL_FEATURES, GET_QUEUE_NUM, GET_CONFIG, GET_VRING_BASE and, only where REPLY_ACK was
/// negotiated, whatever asks for a reply. [Offer] is exactly what is implemented.
///
/// [MessageAssembler] makes messages out of bytes, [Negotiation] decides what each means: back-end × event → back-end and
/// orders. The driver carries out *all* orders, in order, before the next event. A ring that is ordered to stop is
/// reported as stopped in the very next event, with the place where it stood, which is what GET_VRING_BASE answers.
///
/// What an event about a ring does, with everything else told and the other ring running. `use`: the new descriptor;
/// `close`: the one it replaces, or those that are not needed any more. `kept`: remembered, nothing ordered. `–`: nothing
/// changes. `never`: the driver has made a mistake (an order was not carried out).
///
/// | event                       | IDLE         | READY                | RUNNING                                  | STOPPING              | FAULTY               |
/// |-----------------------------|--------------|----------------------|------------------------------------------|-----------------------|----------------------|
/// | SET_VRING_NUM               | kept         | kept                 | hang up                                  | never                 | kept                 |
/// | SET_VRING_ADDR              | kept         | kept                 | move                                     | never                 | kept                 |
/// | SET_VRING_BASE, as answered | –            | –                    | hang up                                  | never                 | forget               |
/// | SET_VRING_BASE, another     | forget       | forget               | hang up                                  | never                 | forget               |
/// | GET_VRING_BASE              | answer       | answer, close → IDLE | stop → STOPPING                          | never                 | answer, close → IDLE |
/// | SET_VRING_KICK              | use → READY  | use, close           | use, close                               | never                 | use, close           |
/// | SET_VRING_KICK, none        | hang up      | hang up              | hang up                                  | never                 | hang up              |
/// | SET_VRING_CALL              | use          | use                  | use                                      | never                 | use                  |
/// | SET_VRING_ERR               | use, close   | use, close           | use, close                               | never                 | use, close           |
/// | SET_VRING_ENABLE 1          | kept         | start → RUNNING      | –                                        | never                 | –                    |
/// | SET_VRING_ENABLE 0          | –            | –                    | stop → STOPPING                          | never                 | kept                 |
/// | SET_MEM_TABLE               | map, close, move | map, close, move | map, close, move                         | never                 | map, close           |
/// | GET_FEATURES                | answer       | answer               | answer                                   | never                 | answer               |
/// | RingStopped                 | never        | never                | never                                    | answer, close → IDLE  | never                |
/// | RingBroke                   | never        | never                | signal, forget, stop the other → FAULTY  | never                 | never                |
/// | NonsenseArrived, OrderFailed | hang up     | hang up              | hang up                                  | hang up               | hang up              |
/// | FrontEndClosed              | → Over       | → Over               | → Over                                   | → Over                | → Over               |
///
/// *forget*: the guest that comes knows no stream. The front-end never says so; it shows in the base of a ring. Both bases
/// as GET_VRING_BASE answered them: the VM was stopped and continues, and its streams live on. Anything else: the guest was
/// reset or its driver reloaded. *hang up* stops the rings, unmaps, closes what is held, and closes the connection with the
/// reason: QEMU waits for some answers with the whole VM stopped, so a message that we do not understand must not be
/// met with silence.
///
/// A ring that the guest broke makes the device FAULTY, not the connection: after a reset QEMU starts both rings anew.
///
/// Sources: `vhost-user-vsock` 1, with the recorded traces of QEMU 7.2 (start, stop, cont, reset, quit; microvm), which the
/// tests replay. Imports: nothing. Start reading at [Message], then [Negotiation#step].
@NullMarked
package dev.upcall.proto.vhostuser;

import org.jspecify.annotations.NullMarked;
