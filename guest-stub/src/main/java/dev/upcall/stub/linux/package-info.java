/// The kernel this process runs on as a machine: upcall requests are carried out through sysfs, on an unpatched kernel.
///
/// ```
///  begin ─▶ Lane ─▶ CpuOperations, PciOperations ─▶ AttributeWriter ─▶ /sys          changes the guest
///             │              │ look
///  advance ◀─ news ◀──── Lookout ◀─ Watch, every 500 ms                              sees what anybody changes
///                            │
///                  Sysfs (reads) · Firmware (Madt, ProcessorObjects) · KernelText    pure but for the reading
/// ```
///
/// | file                                              | means                                                         |
/// |---------------------------------------------------|---------------------------------------------------------------|
/// | `/sys/devices/system/cpu/cpuN`                    | the CPU is there: the kernel could run on it                  |
/// | `/sys/devices/system/cpu/{online,possible}`       | CPU numbers, read without the kernel's hotplug lock           |
/// | `/sys/devices/system/cpu/cpuN/online`             | written 1 or 0 by ADD_CPU and DEL_CPU; the boot CPU has none  |
/// | `/proc/cpuinfo`, `processor` and `apicid`         | the APIC id of a CPU that is online                           |
/// | `…/cpuN/firmware_node/{uid,path}`                 | the processor object of a CPU that is not                     |
/// | `/sys/firmware/acpi/tables/{APIC,DSDT,SSDT*}`     | processor uid → APIC id; processor name → uid                 |
/// | `/sys/bus/pci/devices/0000:BB:DD.F`               | the function is known                                         |
/// | `/sys/class/pci_bus/0000:BB/rescan`               | written 1 by ADD_PCI: one bus, so that nothing else comes back|
/// | `/sys/bus/pci/devices/…/remove`                   | written 1 by DEL_PCI                                          |
/// | `/sys/bus/virtio/devices/*/device`                | `0x0013` is vsock: the function under it is not removed       |
/// | `/proc/sys/kernel/{random/boot_id,osrelease}`     | boot id and product in the opening                            |
///
/// **How an id is found.** A CPU that has been online since its folder came: from `/proc/cpuinfo`. Else its processor uid,
/// from `firmware_node/uid`, or where there is no such file from the `Processor` object in AML that `firmware_node/path`
/// ends with; and the MADT's entry of that uid. When it comes online `/proc/cpuinfo` must agree, or it is taken offline again
/// and the answer is −5. Seen in a guest (Debian 12: Linux 6.1.0-56-cloud-amd64 in QEMU 7.2, `-machine pc -cpu max`, TCG):
///
/// - vCPUs that QMP has made appear as `cpuN` with `firmware_node` at once, offline, and without `topology`;
/// - **there is no `firmware_node/uid`**: QEMU 7.2 declares CPUs by `Processor`, not by a device with `_UID`. The path is
///   `\_SB_.CPUS.C003` and the DSDT has `5B 83 4E 04 "C003" 03 …`: uid 3, which the MADT lists as APIC id 3;
/// - **CPU numbers are not APIC ids**: with vCPUs 1 and 3 made, APIC id 3 was `cpu2`;
/// - the boot CPU has no `online` file; an online CPU that goes offline keeps its folder and loses `topology`;
/// - writing 0 to a CPU that is offline is accepted without a word; removing and rescanning a virtio-blk function takes it
///   away and brings it back with its driver bound.
///
/// A `_UID` was only seen in tests' trees.
///
/// **What is in use** is what a kernel service would call so: an online CPU, and one that was online and that somebody else
/// has taken offline while this agent looked. ADD_CPU and DEL_CPU answer as a 6.12 kernel does:
///
/// | the CPU with this id                       | ADD_CPU                                    | DEL_CPU                          | inventory       |
/// |--------------------------------------------|--------------------------------------------|----------------------------------|-----------------|
/// | online                                     | −22, nothing done                          | taken offline; boot CPU: −22     | present, online |
/// | offline by somebody else                   | −22, nothing done                          | +1                               | present         |
/// | offline, or never started                  | started: 0, or the kernel's errno          | −22, nothing done ¹              | –               |
/// | no folder, in the MADT                     | waited for 10 s, −5; no number free: −22   | −22, nothing done ¹              | –               |
/// | not in the MADT                            | −22                                        | −22, nothing done ¹              | –               |
/// | twice in one request                       | the second is −17                          | −22, nothing done ¹              |                 |
/// | as many to remove as are online, or more   |                                            | −22, load 0                      |                 |
///
/// ¹ where a kernel service crashes. A batch ends with the first that fails; what was done stays.
///
/// | PCI                                        | ADD_PCI                                    | DEL_PCI                          |
/// |--------------------------------------------|--------------------------------------------|----------------------------------|
/// | known                                      | rescan, 0                                  | removed, 0                       |
/// | not known, found by the rescan             | 0; whether a driver took it is noted       | −19                              |
/// | not found, no such bus                     | −19                                        | −19                              |
/// | vsock runs over it                         |                                            | −22 (a kernel never answers)     |
///
/// virtio-mmio devices cannot be added to a stock kernel while it runs: −1, and none is in the inventory.
///
/// **Dry run.** Everything is looked at and checked as ever, what would be written is noted, and a request that would be
/// written is answered as if it had worked: the answer is what a story takes for success, and only the guest itself can show
/// it that nothing happened. It is said at the start, with every line, and in the product name of every opening; inventory and
/// events tell the truth.
///
/// Limits: 8,192 CPUs, 65,536 entries of a folder, MADT 1 MiB, 64 AML tables of 4 MiB, 2,048 operations that wait; all named
/// constants. Threads: the guest's own, one for CPU and one for PCI operations, one that looks; see each class.
/// Needs root. Imports: `machine`, `dev.upcall.proto`, `dev.upcall.client.posix`. Start reading at [LinuxPlan], then
/// [LinuxMachine] and [Lookout].
@NullMarked
package dev.upcall.stub.linux;

import org.jspecify.annotations.NullMarked;
