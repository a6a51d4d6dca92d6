package dev.upcall.stub.linux;

import dev.upcall.proto.guest.CpuModel;
import dev.upcall.proto.message.Operation;
import dev.upcall.stub.machine.Answer;
import dev.upcall.stub.machine.Began;
import dev.upcall.stub.machine.Completion;
import dev.upcall.stub.machine.Contents;
import dev.upcall.stub.machine.Errno;
import dev.upcall.stub.machine.GuestRequest;
import dev.upcall.stub.machine.Machine;
import dev.upcall.stub.machine.MachineChange;
import dev.upcall.stub.machine.MachineDump;
import dev.upcall.stub.machine.MachineDump.CpuDump;
import dev.upcall.stub.machine.Quirks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// The kernel that this process runs on, as a [Machine].
///
/// Operations run on threads of their own ([Lane]), one for CPUs and one for PCI, as a kernel's hotplug
/// lock is not taken by PCI; their ends and what has changed come out of [#advance], in order. Confined
/// to the guest's thread but for what its lanes and its [Watch] put into `news`.
final class LinuxMachine implements Machine {

    /// An operation, on its lane.
    @FunctionalInterface
    private interface Work {
        Answer run() throws IOException, InterruptedException;
    }

    private static final Set<Operation> OPERATIONS =
            Set.of(Operation.ADD_CPU, Operation.DEL_CPU, Operation.ADD_PCI, Operation.DEL_PCI);

    private final KernelFacts facts;
    private final Lookout lookout;
    private final CpuOperations cpus;
    private final PciOperations pci;
    private final Runnable wake;
    private final Consumer<String> notes;
    private final Lane cpuLane = new Lane("cpu hot-plug");
    private final Lane pciLane = new Lane("pci hot-plug");
    private final Watch watch;

    /// Changes and ends, in the order in which they came about; as many as the kernel has CPUs and
    /// functions for each look.
    private final Queue<Object> news = new ConcurrentLinkedQueue<>();

    private final AtomicLong changes = new AtomicLong();
    private final AtomicInteger running = new AtomicInteger();
    private Consumer<? super MachineChange> watcher = _ -> {};

    /// @param wake run when [#advance] has something to do
    /// @throws IOException in one sentence: what the kernel does not show
    LinuxMachine(LinuxPlan plan, Runnable wake) throws IOException {
        Sysfs sysfs = new Sysfs(plan.root());
        Firmware firmware = Firmware.read(sysfs, plan.notes());
        this.wake = wake;
        this.notes = plan.notes();
        this.facts = KernelFacts.read(sysfs);
        this.lookout = new Lookout(sysfs, firmware, this::changed);
        this.cpus = new CpuOperations(sysfs, firmware, lookout, plan.writer(), plan.pause(), notes);
        this.pci = new PciOperations(sysfs, plan.writer(), notes);
        this.watch = new Watch(lookout, plan.interval(), notes);
    }

    @Override
    public CpuModel cpuModel() {
        return CpuModel.BOOT_TABLE;
    }

    @Override
    public String architecture() {
        return "x86_64";
    }

    /// A stock kernel can add no virtio-mmio device while it runs.
    @Override
    public Set<Operation> operations() {
        return OPERATIONS;
    }

    @Override
    public Optional<UUID> bootId() {
        return facts.bootId();
    }

    @Override
    public void watch(Consumer<? super MachineChange> one) {
        watcher = one;
    }

    /// There are no quirks to keep: nothing that is asked can crash this kernel.
    @Override
    public Began begin(long connection, GuestRequest request, Quirks quirks, long now) {
        return switch (request) {
            case GuestRequest.AddCpu r -> run(cpuLane, connection, () -> cpus.add(r.apicIds()));
            case GuestRequest.DelCpu r -> run(cpuLane, connection, () -> cpus.del(r.apicIds()));
            case GuestRequest.AddPci r -> run(pciLane, connection, () -> pci.add(r.function()));
            case GuestRequest.DelPci r -> run(pciLane, connection, () -> pci.del(r.function()));
            case GuestRequest.AddMmio _, GuestRequest.DelMmio _ -> new Began.Answered(new Answer.Refused(Errno.EPERM));
            case GuestRequest.AddCpuCount _, GuestRequest.DelCpuCount _ ->
                throw new IllegalArgumentException("an x86-64 kernel does not count CPUs");
        };
    }

    @Override
    public List<Completion> advance(long now) {
        List<Completion> ended = new ArrayList<>();
        for (Object one = news.poll(); one != null; one = news.poll()) {
            if (one instanceof MachineChange change) {
                watcher.accept(change);
            } else if (one instanceof Completion completion) {
                ended.add(completion);
            }
        }
        return ended;
    }

    /// It wakes its owner instead.
    @Override
    public OptionalLong wakeAt() {
        return OptionalLong.empty();
    }

    @Override
    public void reboot() {
        throw new IllegalStateException("a real guest is rebooted where it is");
    }

    @Override
    public boolean wireCut() {
        return false;
    }

    /// Looks at the kernel; what it shows no more counts as it was.
    @Override
    public Contents contents() {
        Snapshot now;
        try {
            now = lookout.look();
        } catch (IOException _) {
            now = lookout.last(); // the watch says why
        }
        return new Contents(changes.get(), running.get(), dumpOf(now), List.of(), List.copyOf(now.pci()));
    }

    @Override
    public MachineDump dump() {
        Contents contents = contents();
        return new MachineDump(
                "linux " + facts.release(),
                contents.cpus(),
                List.of(),
                contents.pci().stream().map(String::valueOf).toList(),
                List.of(),
                List.of(),
                false,
                running.get() > 0,
                Math.max(0, running.get() - 1),
                false,
                1);
    }

    /// What the kernel is doing for us goes on; nobody is told how it ends.
    @Override
    public void close() {
        watch.close();
        cpuLane.close();
        pciLane.close();
    }

    private Began run(Lane lane, long connection, Work work) {
        running.incrementAndGet();
        changes.incrementAndGet();
        if (lane.offer(() -> carryOut(connection, work))) {
            return new Began.Running();
        }
        running.decrementAndGet();
        return new Began.Answered(new Answer.Refused(Errno.EBUSY));
    }

    private void carryOut(long connection, Work work) {
        Answer answer;
        try {
            answer = work.run();
            lookout.look();
        } catch (IOException e) {
            notes.accept("an operation has failed: " + e.getMessage());
            answer = new Answer.Refused(Errno.EIO);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return; // closed
        }
        running.decrementAndGet();
        changes.incrementAndGet();
        news.add(new Completion(connection, Optional.of(answer)));
        wake.run();
    }

    private void changed(MachineChange change) {
        changes.incrementAndGet();
        news.add(change);
        wake.run();
    }

    /// What is in use is present to a client, and a CPU that only could be used is not.
    private static List<CpuDump> dumpOf(Snapshot now) {
        return now.cpus().stream()
                .map(c -> new CpuDump(c.number(), c.apicId(), c.inUse(), true, c.inUse(), c.online()))
                .toList();
    }
}
