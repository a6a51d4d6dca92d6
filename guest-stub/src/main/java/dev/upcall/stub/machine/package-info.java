/// What carries requests out ([Machine]), and the one that is only a model: its CPUs, MMIO windows and PCI functions, its hotplug lock, and the VMM around it.
///
/// ```
///  GuestRequest ──▶ GuestMachine.begin ──▶ Answered            checks refused it, or it took no time
///                          │           ├─▶ Running             waits for the lock, or holds it; advance() brings the answer
///                          ▼           └─▶ Never               the kernel thread of that connection has crashed
///                    HotplugLock ◀── one Operation at a time, first come first served
///                          │
///               Cpus · MmioDevices · PciFunctions ◀── Vmm (which vCPUs and functions exist at all)
/// ```
///
/// | CPU model        | kernels    | an id's CPU number                      | lookup of an id         | DEL refused when   |
/// |------------------|------------|-----------------------------------------|-------------------------|--------------------|
/// | [SlotScanCpus]   | 5.10, 6.1  | the lowest never-used slot, kept for ever | slots 0 … N−1 only    | count ≥ N present  |
/// | [BootTableCpus]  | 6.12, 6.18 | fixed at boot by the firmware's table   | all                     | count ≥ online     |
/// | [CountedCpus]    | arm64      | – (no ids on the wire)                  | –                       | count ≥ online     |
///
/// What every operation does before it takes the lock and what it does under it is kept apart, as in the kernel: two
/// operations may both pass their checks and only then wait for one another, and then the second one finds a guest that
/// its checks have not seen (`upcall-wire` §5.7). Three ends are possible for a request that goes wrong inside the kernel:
/// an answer, a crash of its connection alone, and a crash that takes the hotplug lock along: after that, every CPU and
/// MMIO operation that gets past its checks waits for ever, on any connection.
///
/// An extended guest carries the operations of EXECUTE_ONCE out on the same machine without those ends ([Quirks]), and is
/// told what changes ([MachineChange]):
///
/// | situation                                     | plain: [Quirks#KEPT]                    | EXECUTE_ONCE: [Quirks#NONE]   |
/// |-----------------------------------------------|-----------------------------------------|-------------------------------|
/// | DEL of an id that is not present              | crash of the connection                 | −22, nothing done             |
/// | the same id twice in one DEL                  | crash with the hotplug lock             | −22, nothing done             |
/// | an id in a slot beyond the first N (6.1)      | not found: hidden, or a crash           | found                         |
/// | the same id twice in one ADD                  | −17 or −22, and the CPU is hidden       | −17, and it stays as it was   |
/// | a CPU or device that vanished while it waited | crash with the hotplug lock             | −22                           |
/// | a window that was taken while it waited       | registered twice                        | −17                           |
/// | arm64: ADD past the last possible CPU         | crash with the hotplug lock             | −22, nothing done             |
///
/// Everything here is pure: no I/O, thread, clock or logger. Time is an argument, `nowNanos`, from any origin that does
/// not run backwards. Nothing is thread-safe: a machine belongs to one thread.
///
/// Sources: `upcall-wire.md` §6, `upcall-6.12.md`, the captures in `vectors/`, and the kernel patches that Kata ships.
/// Imports: `dev.upcall.proto.guest` (the kernels' names), `dev.upcall.proto.message` (PCI functions).
/// Start reading at [Machine] and [GuestMachine], then [Operation].
@NullMarked
package dev.upcall.stub.machine;

import org.jspecify.annotations.NullMarked;
