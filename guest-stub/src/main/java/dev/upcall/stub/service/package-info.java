/// The guest's end of the upcall port: connections, the bytes they bring, and the frames that answer them.
///
/// ```
///  bytes ─▶ UpcallServer ─▶ (hybrid: CONNECT line) ─▶ UpcallService ─▶ GuestRequest ─▶ GuestMachine
///  Output ◀──── moods ◀──── OK line ◀──────────────── frame ◀───────── Answer ◀───────────┘
/// ```
///
/// A connection's life, as `UpcallService` keeps it:
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
/// Pure: no I/O, thread, clock or logger. [ServerObserver] is told what happens. Sources: `upcall-wire.md` §1, §2, §5,
/// `hybrid-vsock.md`, the kernel patches `0001` and `0002`.
/// Imports: `machine`, `mood`, `dev.upcall.proto`. Start reading at [UpcallServer], then [UpcallService].
@NullMarked
package dev.upcall.stub.service;

import org.jspecify.annotations.NullMarked;
