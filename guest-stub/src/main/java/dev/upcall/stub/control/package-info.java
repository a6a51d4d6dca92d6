/// Talking to a running stub: one command a line over a UNIX socket (mode 0600), one line of JSON as the answer.
///
/// | command                    | what happens                                                                    |
/// |----------------------------|---------------------------------------------------------------------------------|
/// | `mood NAME [ARGS]`         | the guest falls into a mood; the table of `dev.upcall.stub.mood`                |
/// | `mood clear`               | it is well again                                                                |
/// | `vcpu add\|remove IDS`     | the VMM makes or takes vCPUs (APIC ids; arm64: CPU numbers)                     |
/// | `pci add\|remove FUNCTIONS`| the VMM plugs or pulls PCI functions, like `00:04.0`                            |
/// | `cpu offline\|online N`    | the guest's own sysfs: takes CPU number N offline or brings it back             |
/// | `reboot`                   | the guest boots anew; all connections end abruptly                              |
/// | `dump`                     | everything there is to see                                                      |
///
/// | answer                             | when                                                                    |
/// |------------------------------------|-------------------------------------------------------------------------|
/// | `{"ok":true}`                      | done                                                                    |
/// | `{"ok":true,"kernel":…}`           | `dump`                                                                  |
/// | `{"ok":false,"error":"…"}`         | malformed, or the guest could not; nothing was changed                  |
///
/// Lines have at most 4096 bytes, a longer one ends the connection; 16 connections at once, more are closed.
///
/// Imports: `listen`, `service`, `mood`, `machine`, `syntax`. Start reading at [ControlCommand], then [ControlServer].
@NullMarked
package dev.upcall.stub.control;

import org.jspecify.annotations.NullMarked;
