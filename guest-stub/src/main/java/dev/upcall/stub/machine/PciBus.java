package dev.upcall.stub.machine;

import dev.upcall.proto.message.PciFunction;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;

/// The PCI functions a guest knows, against those the VMM has. Works under a lock of its own, without time.
///
/// Source: the PCI patch (`add_pci_dev`, `del_pci_dev`); captures `D-pci`.
final class PciBus {

    private final NavigableSet<PciFunction> known = new TreeSet<>();
    private final Optional<PciFunction> wire;
    private final Consumer<? super MachineChange> watcher;
    private boolean wireCut;

    /// @param wire the vsock device that connections run over, if it is a PCI function
    PciBus(Vmm vmm, Optional<PciFunction> wire, Consumer<? super MachineChange> watcher) {
        this.watcher = watcher;
        known.addAll(vmm.pci());
        this.wire = wire;
    }

    NavigableSet<PciFunction> known() {
        return known;
    }

    /// The guest has removed its own vsock device: no connection hears from it again before it boots anew.
    boolean wireCut() {
        return wireCut;
    }

    /// A rescan of the function's slot: whatever the VMM has in it becomes known.
    Answer add(PciFunction function, Vmm vmm) {
        if (!vmm.pci().contains(function)) {
            return new Answer.Refused(Errno.ENODEV);
        }
        vmm.pci().stream()
                .filter(f -> f.bus() == function.bus() && f.slot() == function.slot())
                .filter(known::add)
                .forEach(f -> watcher.accept(new MachineChange.PciChanged(f, true)));
        return new Answer.PciDone();
    }

    /// Empty when the function carried this very conversation.
    Optional<Answer> del(PciFunction function) {
        if (!known.remove(function)) {
            return Optional.of(new Answer.Refused(Errno.ENODEV));
        }
        watcher.accept(new MachineChange.PciChanged(function, false));
        if (wire.isPresent() && wire.get().equals(function)) {
            wireCut = true;
            return Optional.empty();
        }
        return Optional.of(new Answer.PciDone());
    }
}
