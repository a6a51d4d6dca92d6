/// The stub's bad days, on demand: what is done to frames and connections that a healthy guest would not do.
///
/// | written            | mood                      | until   | what happens                                                        |
/// |--------------------|---------------------------|---------|---------------------------------------------------------------------|
/// | `delay D [op]`     | [Mood.Delay]              | cleared | the work is done at once, its reply leaves D later; `op` narrows it: `connect` (the CONNECT frame), `add-cpu`, `del-cpu`, `add-mmio`, `del-mmio`, `add-pci`, `del-pci` |
/// | `silent`           | [Mood.Silent]             | cleared | like a paused guest: nothing is read, nothing is sent; cleared, it goes on where it stood |
/// | `lose`             | [Mood.LoseNextReply]      | once    | the next request is run, and its reply lost                          |
/// | `cut N`            | [Mood.CutNextFrame]       | once    | of the next frame, CONNECT or reply, N bytes are sent; then the end of the stream |
/// | `reset`            | [Mood.ResetNextRequest]   | once    | the next request is not run: its connection is closed abruptly       |
/// | `reboot N`         | [Mood.RebootAfter]        | once    | N requests are answered; the one after them is not run, the guest boots anew, all connections are closed abruptly |
/// | `crash`            | [Mood.Crash]              | once    | the next operation is run; in place of its reply the guest's process is gone without a word |
/// | `crash restart`    | [Mood.Crash]              | once    | … its agent starts anew: same boot id, another epoch, all connections are closed abruptly |
/// | `crash reboot`     | [Mood.Crash]              | once    | … it boots anew: another boot id, another epoch                      |
/// | `black-hole`       | [Mood.BlackHole]          | cleared | connections stay open; what comes is swallowed and nothing leaves; those that were open meanwhile stay so for ever |
/// | `refuse`           | [Mood.Refuse]             | cleared | new connections are closed without a word (hybrid: in place of OK)   |
/// | `split N [D]`      | [Mood.SplitFrames]        | cleared | every frame leaves in pieces of N bytes, D apart                     |
/// | `old-dialect`      | [Mood.OldDialect]         | cleared | the CONNECT frame is of type 0xdbe00000, the dialect of 2021         |
/// | `no-service`       | [Mood.NoService]          | cleared | accepted, but closed after the service byte                          |
/// | `park D`           | [Mood.Park]               | cleared | hybrid only: no OK for D, then closed                                |
/// | `garbage-ok`       | [Mood.GarbageOk]          | cleared | hybrid only: a line that is no OK line                               |
///
/// `lose`, `cut`, `reset`, `reboot` and `crash` wait for the next *operation*, plain or EXECUTE_ONCE: a handshake or a
/// probe that happens to come first shall not use them up. A `delay` without `op` is for every answer, events are not
/// delayed; `split` and `silent` are for every frame.
///
/// One of each kind at a time (`delay`: one for each `op`); a new one replaces the old. Moods only decide; who owns the
/// connections carries the decisions out.
///
/// Pure, no thread. Imports `syntax`, `dev.upcall.proto`. Start reading at [Mood], then [Moods].
@NullMarked
package dev.upcall.stub.mood;

import org.jspecify.annotations.NullMarked;
