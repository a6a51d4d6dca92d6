/// Plans against a real guest: set-N-CPUs, a list of steps from a file, dry run, undo.
///
/// A plan file is YAML or JSON (a JSON document is YAML too):
///
/// ```yaml
/// kernel: kata-6.12            # optional: the guest's profile
/// present: [0]                 # optional: APIC ids the guest has now, in slot order; default 0
/// steps:
///   - add-cpu: {count: 2}      # or {apic-ids: [1, 2]}
///   - del-cpu: {apic-ids: [2]}
///   - set-cpus: 3
///   - add-mmio: {base: 0xd0000000, size: 0x1000, irq: 6}
///   - del-mmio: {base: 0xd0000000, size: 0x1000, irq: 6}
///   - add-pci: "00:04.0"
///   - del-pci: "00:04.0"
/// ```
///
/// What a plan means is decided in `dev.upcall.proto.hotplug`; here it is read ([PlanFile]) and driven ([Hotplug]).
///
/// Imports: `dev.upcall.client`, `dev.upcall.proto`. Start reading at [Hotplug].
@NullMarked
package dev.upcall.client.hotplug;

import org.jspecify.annotations.NullMarked;
