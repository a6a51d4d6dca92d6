/// What the two sides say: requests a VMM makes, replies a guest gives, and the small values they are made of.
///
/// Records, valid by construction: a `Request` that exists is one that may be written. What a guest may *safely* be
/// asked is another question, which needs to know the guest (`dev.upcall.proto.guest`).
///
/// | type | [Operation]    | request                    | load (bytes)                                    | success reply |
/// |-----:|----------------|----------------------------|-------------------------------------------------|---------------|
/// |    0 | `CONNECT`      | – (guest → host only)      |                                                 |               |
/// |    1 | `ADD_CPU`      | [Request.AddCpu]           | count, apic_version, apic_ids\[256\] (258)      | u32 = count   |
/// |    2 | `DEL_CPU`      | [Request.DelCpu]           | the same                                        | u32 = count   |
/// |  1,2 | the same       | [Request.AddCpuCount], [Request.DelCpuCount] | arm64: count (1)              | u32 = cpu id  |
/// |  3,4 | `ADD_MEM` …    | – (no shipped kernel)      |                                                 |               |
/// |  5,6 | `ADD_MMIO` …   | [Request.AddMmio], [Request.DelMmio] | base, size, irq, padding (24, checked) | –            |
/// |  7,8 | `ADD_PCI` …    | [Request.AddPci], [Request.DelPci] | bus, devfn (2)                          | –             |
///
/// Imports: `wire`. Start reading at [Request]. [RequestWriter] makes its bytes; [RequestReader] reads those that came
/// inside an extension message.
@NullMarked
package dev.upcall.proto.message;

import org.jspecify.annotations.NullMarked;
