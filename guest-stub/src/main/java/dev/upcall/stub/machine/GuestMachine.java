package dev.upcall.stub.machine;

import dev.upcall.proto.guest.CpuModel;
import dev.upcall.proto.message.PciFunction;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// A guest kernel's devices and CPUs, and the VMM around it: what is asked of it, and what it answers and when.
///
/// Each connection has at most one request running.
///
/// Confined to one thread.
public final class GuestMachine implements Machine {

    private final MachineConfig config;
    private final Vmm vmm;
    private Cpus cpus;
    private MmioDevices mmio;
    private PciBus pci;
    private HotplugLock lock;
    private final List<Completion> ended = new ArrayList<>();
    private int boots = 1;
    private long changes;
    private Consumer<? super MachineChange> watcher = _ -> {};

    public GuestMachine(MachineConfig config) {
        this.config = config;
        this.vmm = new Vmm(config.vcpus(), config.pci());
        this.cpus = cpusOf(config);
        this.mmio = mmioOf(config);
        this.pci = pciOf(config);
        this.lock = new HotplugLock();
    }

    @Override
    public CpuModel cpuModel() {
        return config.kernel().cpuModel();
    }

    @Override
    public String architecture() {
        return cpuModel() == CpuModel.COUNT ? "aarch64" : "x86_64";
    }

    @Override
    public Optional<UUID> bootId() {
        return Optional.empty();
    }

    @Override
    public void watch(Consumer<? super MachineChange> one) {
        watcher = one;
    }

    public MachineConfig config() {
        return config;
    }

    /// The VMM's side: whoever owns the machine may change it at any time.
    public Vmm vmm() {
        return vmm;
    }

    /// The guest boots anew: its side is as the configuration says, except that it knows the functions the VMM has
    /// now. Whatever ran or waited is gone without an answer; the lock is whole.
    @Override
    public void reboot() {
        boots++;
        cpus = cpusOf(config);
        mmio = mmioOf(config);
        pci = pciOf(config);
        lock = new HotplugLock();
        ended.clear();
    }

    /// As [#begin] with the quirks of the kernel.
    public Began begin(long connection, GuestRequest request, long now) {
        return begin(connection, request, Quirks.KEPT, now);
    }

    @Override
    public Began begin(long connection, GuestRequest request, Quirks quirks, long now) {
        lock.advance(now, ended);
        changes++;
        return switch (request) {
            case GuestRequest.AddCpu r ->
                run(connection, new AddApicIds(x86(), vmm, config.vcpuStartTimeoutNanos(), r.apicIds(), quirks), now);
            case GuestRequest.DelCpu r -> run(connection, new DelApicIds(x86(), r.apicIds(), quirks), now);
            case GuestRequest.AddCpuCount r ->
                run(connection, arm().add(r.count(), vmm, config.vcpuStartTimeoutNanos(), quirks), now);
            case GuestRequest.DelCpuCount r -> run(connection, arm().del(r.count()), now);
            case GuestRequest.AddMmio r -> run(connection, mmio.add(r.base(), r.size(), r.irq(), quirks), now);
            case GuestRequest.DelMmio r -> run(connection, mmio.del(r.base(), r.size(), r.irq(), quirks), now);
            case GuestRequest.AddPci r -> new Began.Answered(pci.add(r.function(), vmm));
            case GuestRequest.DelPci r ->
                pci.del(r.function()).<Began>map(Began.Answered::new).orElseGet(Began.Never::new);
        };
    }

    @Override
    public List<Completion> advance(long now) {
        lock.advance(now, ended);
        changes += ended.size();
        List<Completion> all = List.copyOf(ended);
        ended.clear();
        return all;
    }

    @Override
    public OptionalLong wakeAt() {
        return lock.heldUntil();
    }

    @Override
    public boolean wireCut() {
        return pci.wireCut();
    }

    /// The guest writes `/sys/devices/system/cpu/cpuN/online`. Why it could not, empty when it could.
    public Optional<String> sysfsCpu(int number, boolean online, long now) {
        lock.advance(now, ended);
        if (!lock.free()) {
            return Optional.of("the hotplug lock is " + (lock.lost() ? "lost" : "held") + ", the write would wait");
        }
        return cpus.sysfs(number, online, vmm);
    }

    @Override
    public Contents contents() {
        return new Contents(changes, lock.running(), cpuDumps(), mmio.devices(), List.copyOf(pci.known()));
    }

    public BitSet possibleCpus() {
        return mask(cpu -> true);
    }

    public BitSet presentCpus() {
        return mask(cpu -> cpu.present);
    }

    public BitSet onlineCpus() {
        return mask(Cpu::online);
    }

    /// Call [#advance] first if it shall be as of now.
    @Override
    public MachineDump dump() {
        return new MachineDump(
                config.kernel().id(),
                cpuDumps(),
                mmio.written(),
                pci.known().stream().map(PciFunction::toString).toList(),
                vmm.pci().stream().map(PciFunction::toString).toList(),
                List.copyOf(vmm.vcpus()),
                lock.lost(),
                lock.heldUntil().isPresent(),
                lock.waiters(),
                pci.wireCut(),
                boots);
    }

    private Began run(long connection, Operation operation, long now) {
        return lock.run(new HotplugLock.Turn(connection, operation), now, ended);
    }

    private X86Cpus x86() {
        if (cpus instanceof X86Cpus x86) {
            return x86;
        }
        throw new IllegalArgumentException(config.kernel() + " names no CPUs by APIC id");
    }

    private CountedCpus arm() {
        if (cpus instanceof CountedCpus arm) {
            return arm;
        }
        throw new IllegalArgumentException(config.kernel() + " does not count CPUs");
    }

    private List<MachineDump.CpuDump> cpuDumps() {
        return cpus.all().stream()
                .map(c -> new MachineDump.CpuDump(c.number, c.apicId, c.inUse, c.sysfs, c.present, c.online()))
                .toList();
    }

    private BitSet mask(Predicate<Cpu> which) {
        BitSet mask = new BitSet();
        cpus.all().stream().filter(which).forEach(cpu -> mask.set(cpu.number));
        return mask;
    }

    private void changed(MachineChange change) {
        changes++;
        watcher.accept(change);
    }

    /// A guest that boots has what it has: that is no change.
    private Cpus cpusOf(MachineConfig config) {
        Cpus booted = switch (config.kernel().cpuModel()) {
            case SLOT_SCAN -> new SlotScanCpus(config);
            case BOOT_TABLE -> new BootTableCpus(config);
            case COUNT -> new CountedCpus(config);
        };
        booted.all().forEach(cpu -> cpu.watchedBy(this::changed));
        return booted;
    }

    private PciBus pciOf(MachineConfig config) {
        return new PciBus(vmm, config.vsockPci(), this::changed);
    }

    private MmioDevices mmioOf(MachineConfig config) {
        MmioDevices devices = new MmioDevices(this::changed);
        config.mmioDevices()
                .forEach(d -> devices.booted(
                        d.window().base(), d.window().size(), d.irq().value()));
        return devices;
    }
}
