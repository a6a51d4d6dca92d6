/// virtio-vsock, the device's side: a guest's sockets as packets, and every rule of their streams.
///
/// Each packet is a header, little-endian, and data behind it:
///
/// | offset | size | field       | meaning                                                                                |
/// |-------:|-----:|-------------|----------------------------------------------------------------------------------------|
/// |      0 |    8 | `src_cid`   | the guest's CID, or the host's, 2                                                      |
/// |      8 |    8 | `dst_cid`   | the other one                                                                          |
/// |     16 |    4 | `src_port`  | all of u32 is used                                                                     |
/// |     20 |    4 | `dst_port`  |                                                                                        |
/// |     24 |    4 | `len`       | bytes of data                                                                          |
/// |     28 |    2 | `type`      | 1 = stream                                                                             |
/// |     30 |    2 | `op`        | 1 REQUEST, 2 RESPONSE, 3 RST, 4 SHUTDOWN, 5 RW, 6 CREDIT_UPDATE, 7 CREDIT_REQUEST      |
/// |     32 |    4 | `flags`     | of SHUTDOWN: 1 = receives no more, 2 = sends no more                                   |
/// |     36 |    4 | `buf_alloc` | how many bytes the sender of this packet can hold                                      |
/// |     40 |    4 | `fwd_cnt`   | how many it has passed on, ever, modulo 2^32                                           |
///
/// A stream has a port on each side. [Connection] is its machine, [Multiplexer] has all of a guest's, [VsockDevice] brings
/// them together with two virtqueues. What an event does to a stream; `CODE` is a packet to the guest, CAPITALS are the
/// [CloseReason] of a stream that is over, the rest are [HostOrders]:
///
/// | event                     | CONNECTING            | DIALLING                   | OPEN                             | HOST_ENDED                          | GUEST_ENDED                    | CLOSING                |
/// |---------------------------|-----------------------|----------------------------|----------------------------------|-------------------------------------|--------------------------------|------------------------|
/// | REQUEST                   | MISBEHAVED, `RST`     | MISBEHAVED, `RST`          | MISBEHAVED, `RST`                | MISBEHAVED, `RST`                   | MISBEHAVED, `RST`              | MISBEHAVED, `RST`      |
/// | RESPONSE                  | OK, read → OPEN       | MISBEHAVED, `RST`          | MISBEHAVED, `RST`                | MISBEHAVED, `RST`                   | MISBEHAVED, `RST`              | MISBEHAVED, `RST`      |
/// | RST                       | GUEST_REFUSED         | GUEST_RESET                | GUEST_RESET                      | GUEST_RESET                         | GUEST_RESET                    | FINISHED               |
/// | SHUTDOWN, receives no more | GUEST_REFUSED, `RST` | GUEST_CLOSED, `RST`        | refuse host → HOST_ENDED         | refuse host                         | GUEST_CLOSED, `RST`            | FINISHED, `RST`        |
/// | SHUTDOWN, sends no more   | GUEST_REFUSED, `RST`  | GUEST_CLOSED, `RST`        | end host → GUEST_ENDED           | end host, `SHUTDOWN 3` → CLOSING    | –                              | –                      |
/// | SHUTDOWN, both            | GUEST_REFUSED, `RST`  | GUEST_CLOSED, `RST`        | GUEST_CLOSED, `RST`              | GUEST_CLOSED, `RST`                 | GUEST_CLOSED, `RST`            | FINISHED, `RST`        |
/// | RW                        | MISBEHAVED, `RST`     | MISBEHAVED, `RST`          | take                             | take                                | MISBEHAVED, `RST`              | –                      |
/// | CREDIT_UPDATE             | –                     | –                          | –                                | –                                   | –                              | –                      |
/// | CREDIT_REQUEST            | –                     | –                          | `CREDIT_UPDATE`                  | `CREDIT_UPDATE`                     | `CREDIT_UPDATE`                | `CREDIT_UPDATE`        |
/// | another operation         | MISBEHAVED, `RST`     | MISBEHAVED, `RST`          | MISBEHAVED, `RST`                | MISBEHAVED, `RST`                   | MISBEHAVED, `RST`              | MISBEHAVED, `RST`      |
/// | dialled                   | –                     | read, `RESPONSE` → OPEN    | –                                | –                                   | –                              | –                      |
/// | dialRefused               | –                     | HOST_REFUSED, `RST`        | –                                | –                                   | –                              | –                      |
/// | hostBytes                 | –                     | –                          | `RW 1024`                        | –                                   | `RW 1024`                      | –                      |
/// | hostEnded                 | –                     | –                          | pause, `SHUTDOWN 2` → HOST_ENDED | –                                   | pause, `SHUTDOWN 3` → CLOSING  | –                      |
/// | hostGone                  | HOST_HASTY, `RST`     | HOST_REFUSED, `RST`        | pause, `SHUTDOWN 3` → CLOSING    | `SHUTDOWN 3` → CLOSING              | pause, `SHUTDOWN 3` → CLOSING  | –                      |
/// | the deadline              | GUEST_SILENT, `RST`   | HOST_SILENT, `RST`         | –                                | –                                   | –                              | NOT_CONFIRMED, `RST`   |
///
/// That is a stream whose REQUEST was sent and that has nothing else waiting. Before its REQUEST is sent, because the guest's
/// driver is not up or its ring is full, a stream ends without a packet (GUEST_NOT_READY, HOST_HASTY). Bytes that wait go
/// to the guest before any SHUTDOWN; bytes and the end that come before OK are remembered.
///
/// *Too late or too much.* A RST takes away what the guest has not read yet, so a guest that has unread bytes is not reset
/// after 2 s like one that simply does not confirm: it is asked for its credit, and given up after 60 s without reading. A guest
/// answers a SHUTDOWN with RST, often twice: a RST for an unknown stream is ignored, and host ports are counted on for 2^30
/// streams before one is used again. Packets with a wrong CID or type or of unknown streams are reset from where they went.
///
/// *Memory.* [VsockRules#streamsMax] streams, [VsockRules#bufferBytes] each way, 1024 owed resets. Our `buf_alloc` is what we
/// hold; a guest is told of what left when it believes that less than half is free.
///
/// *Frames.* A guest kernel takes what one receive returns for a whole upcall request, so 1024 bytes leave in one packet even if
/// the guest has room for a part only, and the parts of more follow each other in the same batch.
///
/// Sources: `vhost-user-vsock` 3 and 4; virtio 1.x, 5.10. Imports: `dev.upcall.proto.virtqueue`. Start reading at
/// [Connection], then [Multiplexer].
@NullMarked
package dev.upcall.proto.vsock;

import org.jspecify.annotations.NullMarked;
