package dev.upcall.stub.linux;

import dev.upcall.proto.message.PciFunction;
import dev.upcall.stub.linux.Snapshot.Cpu;
import dev.upcall.stub.machine.MachineChange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/// Looks at what the kernel has, and remembers of its CPUs what the kernel does not show.
///
/// Thread-safe: looks come one behind the other, and what is remembered is of the last one. A look
/// reads one file and two folders when nothing has changed; it takes no lock that the kernel holds
/// while it starts a CPU.
final class Lookout {

    private static final String CPUS = "sys/devices/system/cpu";
    private static final String ONLINE = CPUS + "/online";
    private static final String POSSIBLE = CPUS + "/possible";
    private static final String PCI = "sys/bus/pci/devices";
    private static final String CPUINFO = "proc/cpuinfo";

    private final Sysfs sysfs;
    private final Firmware firmware;
    private final Consumer<? super MachineChange> watcher;

    /// CPU number → what was seen of it in `/proc/cpuinfo`, as long as its folder is there; guarded by
    /// `this`.
    private final Map<Integer, Integer> seen = new HashMap<>();

    /// CPU number → what the firmware says; as long as its folder is there; guarded by `this`.
    private final Map<Integer, Integer> told = new HashMap<>();

    /// Numbers in use; the package's table; guarded by `this`.
    private final Set<Integer> inUse = new HashSet<>();

    /// Guarded by `this`.
    private BitSet lastOnline = new BitSet();

    /// Guarded by `this`.
    private Snapshot last;

    /// @param watcher told what has changed since the look before, under the lock of this: it must not
    /// call back or block
    /// @throws IOException in one sentence: what the kernel does not show
    Lookout(Sysfs sysfs, Firmware firmware, Consumer<? super MachineChange> watcher) throws IOException {
        this.sysfs = sysfs;
        this.firmware = firmware;
        this.watcher = watcher;
        this.last = read();
    }

    /// What there is now.
    ///
    /// @throws IOException in one sentence: what the kernel does not show any more
    synchronized Snapshot look() throws IOException {
        Snapshot now = read();
        now.since(last).forEach(watcher);
        last = now;
        return now;
    }

    /// What there was at the last look that succeeded.
    synchronized Snapshot last() {
        return last;
    }

    /// A CPU was taken offline because a client wanted it: it is not in use any more.
    synchronized void removed(int number) {
        inUse.remove(number);
    }

    /// One more CPU could come: of the numbers that are possible not all have a folder.
    boolean hasRoom(Snapshot now) throws IOException {
        return now.cpus().size() < cpuList(POSSIBLE).cardinality();
    }

    private Snapshot read() throws IOException {
        BitSet online = cpuList(ONLINE);
        Set<Integer> numbers = new TreeSet<>();
        for (String name : sysfs.names(CPUS)) {
            KernelText.cpuNumber(name).ifPresent(numbers::add);
        }
        forgetAllBut(numbers);
        learn(online);
        return new Snapshot(cpus(numbers, online), pci());
    }

    private void forgetAllBut(Set<Integer> numbers) {
        seen.keySet().retainAll(numbers);
        told.keySet().retainAll(numbers);
        inUse.retainAll(numbers);
    }

    /// Reading `/proc/cpuinfo` makes some kernels ask every CPU: only when it can have something new.
    private void learn(BitSet online) throws IOException {
        boolean complete = online.stream().allMatch(seen::containsKey);
        if (!complete || !online.equals(lastOnline)) {
            seen.putAll(KernelText.apicIds(sysfs.text(CPUINFO, Sysfs.CPUINFO_BYTES_MAX)));
            lastOnline = online;
        }
    }

    private List<Cpu> cpus(Set<Integer> numbers, BitSet online) {
        List<Cpu> cpus = new ArrayList<>();
        Set<Integer> taken = new HashSet<>();
        for (int number : numbers) {
            if (online.get(number)) {
                inUse.add(number);
            }
            int id = seen.containsKey(number)
                    ? seen.get(number)
                    : told.computeIfAbsent(number, n -> toldOf(CPUS + "/cpu" + n));
            // Two CPUs of one id are a mistake of the firmware's: the first is believed.
            cpus.add(
                    new Cpu(number, taken.add(id) ? id : Snapshot.UNKNOWN, online.get(number), inUse.contains(number)));
        }
        return cpus;
    }

    private int toldOf(String node) {
        long id = firmware.apicId(sysfs, node).orElse(Snapshot.UNKNOWN);
        return id <= Integer.MAX_VALUE ? (int) id : Snapshot.UNKNOWN;
    }

    private NavigableSet<PciFunction> pci() throws IOException {
        NavigableSet<PciFunction> functions = new TreeSet<>();
        for (String name : sysfs.names(PCI)) {
            KernelText.pciFunction(name).ifPresent(functions::add);
        }
        return functions;
    }

    private BitSet cpuList(String file) throws IOException {
        try {
            return KernelText.cpuList(sysfs.text(file, Sysfs.ATTRIBUTE_BYTES_MAX));
        } catch (IllegalArgumentException e) {
            throw new IOException(sysfs.at(file) + ": " + e.getMessage(), e);
        }
    }
}
