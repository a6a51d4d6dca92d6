/// What we know of the guest at the other end: which kernel it runs, what may be asked of it, and what its answers mean.
///
/// | profile                  | CPU model    | DEL_CPU that is safe                                     | repeat after a lost reply |
/// |--------------------------|--------------|----------------------------------------------------------|---------------------------|
/// | `kata-5.10`, `kata-6.1`  | slot scan    | present ids, and all that stay must remain in the scan    | MMIO, PCI                 |
/// | `kata-6.12`, `kata-6.18` | boot table   | present ids, any order                                   | MMIO, PCI                 |
/// | `kata-arm64`             | count        | fewer than are online                                    | MMIO, PCI                 |
///
/// A stock guest cannot be asked what it has, and answers some requests by crashing. So the client keeps a [CpuPicture]
/// and holds every request against it ([Safety]) at the moment it would leave, not when it was submitted.
///
/// Everything here is a pure value or a pure function. Imports: `message`. Start reading at [GuestProfile], then [Safety].
@NullMarked
package dev.upcall.proto.guest;

import org.jspecify.annotations.NullMarked;
