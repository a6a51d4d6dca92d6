/// The device's side of a split virtqueue, in the memory of a guest that may be hostile.
///
/// Three parts in guest memory, little-endian, n = number of entries, a power of two:
///
/// | descriptor table, 16 n bytes, 16-aligned       | available ring, 4 + 2 n bytes, 2-aligned | used ring, 4 + 8 n bytes, 4-aligned            |
/// |------------------------------------------------|------------------------------------------|------------------------------------------------|
/// | u64 address                                    | u16 flags: 1 = no interrupt, please      | u16 flags: 1 = no kick, please                 |
/// | u32 length                                     | u16 idx                                  | u16 idx                                        |
/// | u16 flags: 1 NEXT, 2 WRITE, 4 INDIRECT         | u16 ring\[n\]: first descriptors         | n × {u32 first descriptor, u32 bytes written}  |
/// | u16 next                                       | written by the driver                    | written by the device                          |
///
/// Who waits for whom is said by memory order alone; every shared word has a method in `SplitRing` that names it:
///
/// | the device                                          | pairs with the driver's                             |
/// |-----------------------------------------------------|-----------------------------------------------------|
/// | `availIndexAcquire`, then entry and descriptors     | descriptors, entry, barrier, `avail.idx`            |
/// | data, used entry, `publishUsedIndexRelease`         | `used.idx`, barrier, entry, data                    |
/// | `used.idx`, `fenceBeforeNotify`, `avail.flags`      | `avail.flags`, full barrier, `used.idx`             |
/// | `used.flags`, `fenceBeforeIdle`, `avail.idx`        | `avail.idx`, full barrier, `used.flags`             |
///
/// What a guest can do wrong, and what then is the [RingFault]; a ring has one, for ever, and its device stands still:
///
/// | breach                                              | fault                |
/// |-----------------------------------------------------|----------------------|
/// | a part misaligned or not in one region              | MISPLACED_RING       |
/// | avail.idx more than n ahead, or back                | INDEX_JUMPED         |
/// | ring entry ≥ n                                      | HEAD_OUT_OF_RING     |
/// | next ≥ n                                            | NEXT_OUT_OF_RING     |
/// | more than n descriptors in a chain: a loop          | CHAIN_TOO_LONG       |
/// | more than 2^31 − 1 bytes in a chain                 | CHAIN_TOO_BIG        |
/// | INDIRECT flag                                       | INDIRECT             |
/// | WRITE flag on tx, none on rx                        | WRONG_DIRECTION      |
/// | a buffer not in one region                          | OUT_OF_MEMORY        |
/// | no room for a header, said by the ring's user       | CHAIN_TOO_SHORT      |
///
/// A descriptor is copied once, and the copy judged: the guest may change it at any time. A chain is one run of bytes to
/// its user, wherever the borders of its buffers fall. Nothing is allocated while a ring runs.
///
/// Neither EVENT_IDX nor INDIRECT nor the packed ring is offered, so none is here. Sources: `vhost-user-vsock` 2; virtio
/// 1.x, 2.7. Imports: the JDK's memory segments, which are no I/O: who maps them is not said here. Start reading at
/// [Virtqueue].
@NullMarked
package dev.upcall.proto.virtqueue;

import org.jspecify.annotations.NullMarked;
