/// One connection to a kernel's device manager: its thread there, and the two buffers that make its quirks.
///
/// | stage         | recv asks for | leaves on                                                            |
/// |---------------|--------------:|----------------------------------------------------------------------|
/// | SERVICE_BYTE  |             1 | `d` → CONNECT frame → SENDING; another byte, or 10 s → closed          |
/// | RECEIVING     |          1024 | 1 … 1024 bytes: written over the buffer's start, the buffer is run     |
/// | WORKING       |             – | the machine's completion → SENDING                                     |
/// | SENDING       |             – | the frame has left → RECEIVING                                         |
/// | CRASHED       |             – | never                                                                  |
/// | CLOSED        |             – | –                                                                      |
///
/// | offset | field of the reply buffer | written by                                                             |
/// |-------:|---------------------------|------------------------------------------------------------------------|
/// |   0–15 | header                    | every request                                                          |
/// |     16 | `result`                  | every request but a successful PCI operation and one with a wrong magic |
/// |     20 | load word                 | a successful CPU operation; DEL of too many; arm64 CPU always            |
///
/// Both buffers are zero at connect and never cleared: a stale result or load comes from there, not from a table. The
/// guest does not reassemble: each recv is a request.
///
/// Pure: no I/O, thread, clock or logger. Sources: `upcall-wire.md` §1, §2, §5, the kernel patches `0001` and `0002`.
/// Imports: `machine`, `observe`, `dev.upcall.proto`. Start reading at [UpcallService].
@NullMarked
package dev.upcall.stub.kernel;

import org.jspecify.annotations.NullMarked;
