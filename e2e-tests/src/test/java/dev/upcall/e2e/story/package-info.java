/// The stories, one class each; every sentence in them is a test.
///
/// | story                           | what happens                                                     | needs      |
/// |---------------------------------|------------------------------------------------------------------|------------|
/// | `FullHotplugWalkStory`          | a good day: CPUs, virtio-mmio, PCI come and go                   | –, Docker  |
/// | `GuestKilledMidRequestStory`    | the guest dies while a request is out                            | –, Docker  |
/// | `GuestPausedPastItsDeadlineStory` | the guest answers when nobody waits any more                   | –, Docker  |
/// | `GuestRestartedStory`           | the guest reboots and is another one                             | –, Docker  |
/// | `GuestStartedLaterStory`        | the host is up first                                             | –, Docker  |
/// | `TwoClientsStory`               | two hosts at one guest                                           | –, Docker  |
/// | `BridgeStory`                   | the bridge between them, killed and started again                | –, Docker  |
/// | `CommandLineStory`              | `./upcall` as a process: exit codes, JSON, Ctrl-C                | –          |
/// | `DemoStory`                     | `./upcall demo` as a newcomer runs it                            | –          |
/// | `LauncherStory`                 | a fresh clone builds itself                                      | –          |
/// | `ForeignPeersStory`             | a host and a guest in C                                          | gcc        |
/// | `VmStreamsStory`                | host programs and a real guest's ports, by thousands, by MiB, across pauses | QEMU |
/// | `VmUpcallStory`                 | requests into a VM that is reset, killed, started anew; and its bridge      | QEMU |
/// | `VsockLoopbackStory`            | client and bridge on AF_VSOCK, inside a guest                    | QEMU       |
/// | `LinuxHotplugStory`             | CPUs and PCI functions of an unpatched guest come and go         | QEMU       |
/// | `LinuxHotplugControlStory`      | the same with an agent that does nothing: it must be noticed     | QEMU       |
/// | `FiveMinutesStory`              | the README's walk, by its own commands                           | QEMU       |
///
/// "–, Docker" is told twice, with processes and with containers: see `Lodging`. [Stage] brings everybody on and off, [VmStage] a VM
/// for a whole class; what a VM is made of stands in `e2e.vm`.
///
/// Imports everything; nothing imports it. Start reading at `GuestRestartedStory`.
@NullMarked
package dev.upcall.e2e.story;

import org.jspecify.annotations.NullMarked;
