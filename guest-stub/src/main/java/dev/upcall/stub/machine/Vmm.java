package dev.upcall.stub.machine;

import dev.upcall.proto.message.PciFunction;
import java.util.Collection;
import java.util.Collections;
import java.util.NavigableSet;
import java.util.TreeSet;

/// What exists outside the guest: the vCPUs and PCI functions the VMM has made. It outlives the guest's reboots.
public final class Vmm {

    private final NavigableSet<Integer> vcpus = new TreeSet<>();
    private final NavigableSet<PciFunction> pci = new TreeSet<>();

    Vmm(Collection<Integer> vcpus, Collection<PciFunction> pci) {
        this.vcpus.addAll(vcpus);
        this.pci.addAll(pci);
    }

    /// APIC ids of the vCPUs, on arm64 CPU numbers; read only.
    public NavigableSet<Integer> vcpus() {
        return Collections.unmodifiableNavigableSet(vcpus);
    }

    /// Read only.
    public NavigableSet<PciFunction> pci() {
        return Collections.unmodifiableNavigableSet(pci);
    }

    boolean hasVcpu(int apicId) {
        return vcpus.contains(apicId);
    }

    /// A CPU the guest runs on does not notice when its vCPU is taken from under it; only the next start does.
    public void addVcpus(Collection<Integer> ids) {
        vcpus.addAll(ids);
    }

    public void removeVcpus(Collection<Integer> ids) {
        ids.forEach(vcpus::remove);
    }

    public void addPci(Collection<PciFunction> functions) {
        pci.addAll(functions);
    }

    public void removePci(Collection<PciFunction> functions) {
        functions.forEach(pci::remove);
    }
}
