/// Bytes to frames and back. Every message of the upcall protocol is one frame of 1 KiB, little-endian.
///
/// | offset | size | field           | request                                | reply                              |
/// |-------:|-----:|-----------------|----------------------------------------|------------------------------------|
/// |      0 |    4 | `magic_version` | `0x444D0100`                           | `0x444D0100`                       |
/// |      4 |    4 | `msg_size`      | bytes of load                          | bytes of load, 0 on failure        |
/// |      8 |    4 | `msg_type`      | see `Operation`                        | the request's                      |
/// |     12 |    4 | `msg_flags`     | 0 (ignored by shipped guests)          | 0                                  |
/// |     16 |    4 | `result`        | – (the load starts here, ≤ 1008 bytes) | 0, −errno, or a small positive     |
/// |     20 |    … | load            |                                        | starts here (≤ 1004 bytes)         |
///
/// Loads of shipped kernels: x86-64 CPU 258 bytes (u8 count, u8 apic_version, u8 apic_ids\[256\]); arm64 CPU 1 byte
/// (u8 count); virtio-mmio 24 bytes (u64 base, u64 size, u32 irq, 4 zero bytes); PCI 2 bytes (u8 bus, u8 devfn); a
/// successful CPU reply 4 bytes (u32). Source: the captures of 6.1 and 6.12 guest kernels, every label.
///
/// Frames of the extensions have `msg_type` 0x100 … 0x1FF and loads of up to the full size; bit 0 of `msg_flags` makes a
/// frame a *notification*, whose load starts at 16 in both directions ([ExtensionFrame]).
///
/// The guest writes frames whole but the transport may cut them anywhere: [FrameAssembler] joins them. The guest itself
/// does not reassemble, so a request leaves in one write; that is the transport's duty.
///
/// Imports: nothing. Start reading at [FrameLayout], then [FrameAssembler].
@NullMarked
package dev.upcall.proto.wire;

import org.jspecify.annotations.NullMarked;
