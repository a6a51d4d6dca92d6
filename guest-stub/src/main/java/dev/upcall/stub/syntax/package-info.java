/// How people write values, on the command line and over the control socket. Whatever is not one of these is refused in one
/// sentence that quotes it, control characters escaped.
///
/// | value        | written                     | example                  |
/// |--------------|-----------------------------|--------------------------|
/// | duration     | number and unit             | `250ms`, `10s`           |
/// | ids          | numbers and ranges          | `0,2`, `0-3`, `0-1,4`    |
/// | PCI functions| `bus:slot.function`, hex    | `00:00.0,00:02.0`        |
/// | MMIO devices | `base+size:irq`             | `0xd0000000+0x1000:6`    |
///
/// Pure. Imports `dev.upcall.proto`. Start anywhere.
@NullMarked
package dev.upcall.stub.syntax;

import org.jspecify.annotations.NullMarked;
