/// The guest's end of the upcall port: connections, the bytes they bring, and the frames that answer them.
///
/// ```
///  bytes ─▶ UpcallServer ─▶ Reception ─▶ who reads: HybridGate ─▶ KernelReader ──────────────▶ UpcallService ─▶ Machine
///                                                                    │  HANDSHAKE                                 ▲
///                                                                    ▼                                            │
///                                                      FrameReader ─▶ GuestAgent ─▶ ExtensionService (pure) ─▶ OnceExecutions
///  Output ◀─ FrameSender (moods; whole frames, one behind the other) ◀─ Answer │ reply │ event │ acknowledgement
/// ```
///
/// Who reads a connection's bytes:
///
/// | reader        | of which connections              | reads                                   | until                    | unread at the peer's end   |
/// |---------------|-----------------------------------|-----------------------------------------|--------------------------|----------------------------|
/// | `HybridGate`  | to the VMM's socket               | the CONNECT line                        | OK                       | dropped                    |
/// | `KernelReader`| stock ones, and extended ones before HANDSHAKE has succeeded | the service byte, then each recv as a request | a HANDSHAKE is answered | run, when the guest reads  |
/// | `FrameReader` | opened by HANDSHAKE               | whole frames from any pieces, also while a request is out | its end | discarded                  |
///
/// On an extended guest (`Extensions`) the agent looks at what the kernel's reader has read first: a HANDSHAKE, or a
/// notification, which has no business there; everything else is the kernel's, byte for byte, and so is the connection for
/// ever. A second request on an opened connection waits for the first one's answer; notifications behind it wait with it.
/// The agent writes frames of its own: the kernel's reply buffer never sees them. Operations inside EXECUTE_ONCE run on the
/// same machine without its quirks, plain ones keep them.
///
/// What becomes of the guest:
///
/// | what happens         | connections                | epoch | boot id | machine        | afterwards                      |
/// |----------------------|----------------------------|-------|---------|----------------|---------------------------------|
/// | pause, resume        | nothing read, nothing sent | same  | same    | goes on        | it goes on where it stood       |
/// | mood `black-hole`    | open, swallowed            | same  | same    | goes on        | new connections are served      |
/// | crash                | end without a word         | –     | –       | –              | nobody is let in                |
/// | restart              | end without a word         | new   | same    | goes on        | served                          |
/// | reboot               | end without a word         | new   | new     | boots          | served                          |
/// | leave                | terminal event, ≤ 500 ms for its acknowledgement, close | as what follows | | | gone, restart or reboot |
///
/// Limits: `UpcallServer#CONNECTIONS_MAX` connections, 64 KiB unread on each, as many EXECUTE_ONCE running as there can be
/// connections, 256 user events waiting for room; what the extensions keep is bounded by `ExtensionService`.
///
/// Pure: no I/O, thread, clock or logger. `ServerObserver` is told what happens. Sources: `upcall-wire.md` §1, §2, §5,
/// `hybrid-vsock.md`, the kernel patches `0001` and `0002`.
/// Imports: `kernel`, `agent`, `observe`, `machine`, `mood`, `dev.upcall.proto`. Start reading at [UpcallServer], then
/// `Reception`, `KernelReader` and `GuestAgent`.
@NullMarked
package dev.upcall.stub.service;

import org.jspecify.annotations.NullMarked;
