/// A virtual machine as a story sees it: a real Linux kernel in QEMU, behind our own vsock device.
///
/// ```
///  the story ── HybridStream, UpcallClient ─▶ vm.sock ┐                            ┌ GuestPorts (dev.upcall.client.posix)
///      │                                              │ upcall bridge --vhost-user │   echo, sink, source, dialler
///      │                    vm.sock_<port> ◀──────────┘        │                   │
///      │                                                  vhost.sock               ├ guest-stub --listen vsock://any:219
///      ├── Qmp ─────────────▶ qmp.sock ◀───────────── qemu-system-x86_64 ══════════╡
///      └── GuestVm#shell ───▶ its standard input ───▶ ttyS0 ── init ───────────────┴ a shell, /proc, /sys
/// ```
///
/// | who               | is                                                                                            |
/// |-------------------|-----------------------------------------------------------------------------------------------|
/// | [GuestImage]      | what every guest boots: Debian's cloud kernel as `guest-vm/fetch-kernel` left it, and the initramfs that `guest-vm/pack` makes |
/// | [Machine]         | what one VM is made of: memory, CPUs, more devices, what it serves from its boot on           |
/// | [GuestVm]         | one run of one VM, from power-on until it is killed                                            |
/// | [Qmp]             | QEMU's own control connection: commands, answers, events                                       |
/// | [HybridStream]    | a program of the host that says CONNECT                                                        |
/// | [GuestPorts]      | a program of the guest: the ports at which streams are tried                                   |
/// | [Pattern]         | bytes that both sides know without having been told                                            |
///
/// **The console is the independent witness.** What a story claims about the guest (`/proc/cpuinfo`, sysfs) is read on the
/// serial line by [GuestVm#shell], never through the device that is tried. It is QEMU's standard input and output, so a
/// console needs no more than a process does, and is kept like one's.
///
/// **Nothing is polled.** QEMU dials *our* QMP socket, so that there is a moment when it is there; the guest says `guest: up`
/// and every service its own line; a reset is QMP's RESET event and the next `guest: up`.
///
/// **One emulated CPU unless the story is about CPUs.** Two under TCG on a host with two busy ones spend most of their time
/// waiting for each other: a JVM's start took twice as long.
///
/// **No AF_VSOCK on this machine.** It is opened inside guests only; the host's side is UNIX sockets throughout.
///
/// Imports: the stories' own processes and consoles (`e2e`), `client.posix` in [GuestPorts]. Start reading at [GuestVm].
@NullMarked
package dev.upcall.e2e.vm;

import org.jspecify.annotations.NullMarked;
