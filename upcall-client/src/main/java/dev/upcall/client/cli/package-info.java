/// The command line: parse → record → call the library.
///
/// ```
/// words ─▶ picocli commands ─▶ GuestSettings, Request, Plan ─▶ Guest ─▶ UpcallClient
///                                                                │
///                                    Report or Failure ─▶ Printer ─▶ text or JSON, and an ExitCode
/// ```
///
/// | code | [ExitCode]        | what it says                                                                        |
/// |-----:|-------------------|-------------------------------------------------------------------------------------|
/// |    0 | `DONE`            | done                                                                                |
/// |    1 | `REFUSED`         | the guest refused: its errno by name, and what it means for this operation          |
/// |    2 | `USAGE`           | the command line or an input file is not right; nothing was changed                 |
/// |    3 | `NOT_CONNECTED`   | not connected in time; `reason` is the name of a `session.Trouble.Kind`             |
/// |    4 | `NOT_SENT`        | connected, but not sent in time; the guest did not see it                           |
/// |    5 | `OUTCOME_UNKNOWN` | sent, and the outcome is unknown: the guest may have changed                        |
/// |    6 | `UNSAFE`          | refused here, because it would harm the guest; `reason` is a `guest.Hazard`         |
/// |    7 | `PROTOCOL_BROKEN` | the peer broke the protocol                                                         |
/// |   70 | `BUG`             | a bug of this program                                                               |
/// |  130 | `INTERRUPTED`     | ended by a signal while no request was out                                          |
///
/// A plan exits with the code of the step that failed. `watch` and `bridge` end with 0 on a signal.
///
/// ## JSON
///
/// With `--json` every line of stdout is one object. These names are stable; more may be added.
///
/// | field                        | type     | where                                                                   |
/// |------------------------------|----------|-------------------------------------------------------------------------|
/// | `ok`                         | boolean  | always, first                                                           |
/// | `error`, `exit`, `message`   | text, number, text | where `ok` is false: the [ExitCode]'s name and number, one sentence |
/// | `reason`                     | text     | finer than `error`: errno name, `Trouble.Kind`, `Hazard`, `UnknownCause`, `NotSentCause` |
/// | `op`                         | text     | requests: `ADD_CPU` … `DEL_PCI`                                         |
/// | `apic_ids`, `count`          | numbers  | CPU requests                                                            |
/// | `base`, `size`, `irq`        | text, text, number | virtio-mmio requests; addresses as `0x…`                      |
/// | `function`                   | text     | PCI requests                                                            |
/// | `outcome`                    | text     | `DONE`, `ABSENT`, `REFUSED`, `UNKNOWN`, `NOT_SENT`, `UNSAFE`, `MISBEHAVED` |
/// | `result`                     | number   | the guest's own number, where it refused                                |
/// | `word`                       | number   | what a CPU operation returned                                           |
/// | `undo`                       | boolean  | true for a request that takes an earlier one back                       |
/// | `done`, `undone`, `not_undone` | objects | failures after the first request of several                            |
/// | `dry_run`                    | boolean  | true in `plan apply --dry-run`                                          |
/// | `elapsed_ms`, `connect_ms`   | number   | from submission to the answer; from dialling to the CONNECT frame       |
/// | `command`, `target`          | text     | what is not about one request                                           |
/// | `state`, `kernel`, `present` | text, text, numbers | `status`                                                     |
/// | `seq`, `sent`, `answered`, `min_ms`, `median_ms`, `max_ms` | numbers | `ping`                             |
/// | `time`, `from`, `to`         | text     | `watch`                                                                 |
/// | `line`, `direction`, `kind`, `title`, `operation`, `label`, `fields`, `remarks` | | `decode`                       |
///
/// Imports: the library's front, `hotplug`, `transport`, `metrics`, `bridge`, `dev.upcall.proto`; picocli, and Jackson's
/// streaming writer. Nobody imports this package. Start reading at [Cli], then [Guest].
@NullMarked
package dev.upcall.client.cli;

import org.jspecify.annotations.NullMarked;
