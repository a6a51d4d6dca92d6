package dev.upcall.stub.machine;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// ADD_CPU on x86-64: all ids are checked, then added one by one until the first that fails. What was added stays.
///
/// | what is found under the lock         | result | after  | undone                                         |
/// |--------------------------------------|-------:|-------:|------------------------------------------------|
/// | no slot, or not in the boot table    |    −22 | 0      | nothing to undo                                |
/// | its sysfs entry exists               |    −17 | 0      | the marks: a CPU that was online is hidden now |
/// | id 255                               |    −22 | 2.5 s  | all                                            |
/// | the VMM has no such vCPU             |     −5 | 10 s   | all                                            |
final class AddApicIds implements Operation {

    /// The broadcast id: no interrupt can name it as one CPU.
    static final int BROADCAST_ID = 255;

    /// How long a kernel tries to start id 255 before it says −22 (seen).
    static final long BROADCAST_NANOS = TimeUnit.MILLISECONDS.toNanos(2500);

    private final X86Cpus cpus;
    private final Vmm vmm;
    private final long startTimeoutNanos;
    private final List<Integer> ids;
    private final Quirks quirks;
    private int done;
    private @Nullable Cpu starting;

    AddApicIds(X86Cpus cpus, Vmm vmm, long startTimeoutNanos, List<Integer> ids, Quirks quirks) {
        this.cpus = cpus;
        this.vmm = vmm;
        this.startTimeoutNanos = startTimeoutNanos;
        this.ids = ids;
        this.quirks = quirks;
    }

    @Override
    public Progress start() {
        for (int id : ids) {
            if (cpus.lookup(id, quirks) != null) {
                return refused(Errno.EINVAL);
            }
        }
        return next();
    }

    @Override
    public Progress locked() {
        int id = ids.get(done);
        if (quirks == Quirks.NONE && cpus.lookup(id, quirks) != null) {
            return refused(Errno.EEXIST);
        }
        Cpu cpu = cpus.enter(id);
        if (cpu == null) {
            return refused(Errno.EINVAL);
        }
        if (cpu.sysfs) {
            cpus.leave(cpu);
            return refused(Errno.EEXIST);
        }
        cpu.sysfs = true;
        if (id == BROADCAST_ID || !vmm.hasVcpu(id)) {
            starting = cpu;
            return new Progress.HoldsLockFor(id == BROADCAST_ID ? BROADCAST_NANOS : startTimeoutNanos);
        }
        cpu.bring(true);
        done++;
        return next();
    }

    @Override
    public Progress expired() {
        Cpu cpu = starting;
        if (cpu == null) {
            throw new IllegalStateException("no CPU is starting");
        }
        cpu.sysfs = false;
        cpus.leave(cpu);
        return refused(cpu.apicId == BROADCAST_ID ? Errno.EINVAL : Errno.EIO);
    }

    private Progress next() {
        return done == ids.size() ? new Progress.Answered(new Answer.CpuDone(done)) : new Progress.WantsLock();
    }

    private static Progress refused(int result) {
        return new Progress.Answered(new Answer.Refused(result));
    }
}
