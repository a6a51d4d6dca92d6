/// Talking to a running stub: one command a line over a UNIX socket (mode 0600), one line of JSON as the answer.
///
/// | command                    | what happens                                                                    |
/// |----------------------------|---------------------------------------------------------------------------------|
/// | `mood NAME [ARGS]`         | the guest falls into a mood; the table of `dev.upcall.stub.mood`                |
/// | `mood clear`               | it is well again                                                                |
/// | `vcpu add\|remove IDS`     | the VMM makes or takes vCPUs (APIC ids; arm64: CPU numbers)                     |
/// | `pci add\|remove FUNCTIONS`| the VMM plugs or pulls PCI functions, like `00:04.0`                            |
/// | `cpu offline\|online N`    | the guest's own sysfs: takes CPU number N offline or brings it back             |
/// | `event TEXT`               | a user event to every client; refused when too many wait for room already       |
/// | `needs-reset DEVICE`       | the event DEVICE_NEEDS_RESET; a device is `cpu:2`, `mmio:0xd0000000+0x1000` or `pci:00:04.0` |
/// | `config-changed [DEVICE]`  | the event CONFIG_CHANGED, of a device or of the guest                           |
/// | `pause`, `resume`          | the guest stops (the mood `silent`), and goes on where it stood, in the same epoch |
/// | `restart [orderly]`        | its agent starts anew: same boot id, another epoch; abruptly, or behind a terminal event |
/// | `reboot [orderly]`         | the guest boots anew: another boot id, another epoch; likewise                  |
/// | `crash`                    | the stub's process is gone without a word: no answer comes to this either       |
/// | `exit [app-exit\|vm-shutdown]` | terminal event, at most 500 ms for its acknowledgement, then the process ends |
/// | `dump`                     | everything there is to see                                                      |
///
/// | answer                             | when                                                                    |
/// |------------------------------------|-------------------------------------------------------------------------|
/// | `{"ok":true}`                      | done                                                                    |
/// | `{"ok":true,"kernel":…}`           | `dump`                                                                  |
/// | `{"ok":false,"error":"…"}`         | malformed, or the guest could not; nothing was changed                  |
///
/// `event`, `needs-reset`, `config-changed`, `restart` and the epochs need an extended guest. An orderly command answers at once and is carried out when the
/// terminal event is acknowledged.
///
/// Lines have at most 4096 bytes, a longer one ends the connection; 16 connections at once, more are closed.
///
/// Imports: `listen`, `service`, `mood`, `machine`, `syntax`. Start reading at [ControlCommand], then [ControlServer].
@NullMarked
package dev.upcall.stub.control;

import org.jspecify.annotations.NullMarked;
