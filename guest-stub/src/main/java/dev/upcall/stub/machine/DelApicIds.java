package dev.upcall.stub.machine;

import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// DEL_CPU on x86-64: all ids are looked up, then removed one by one, each looked up again, until the first that fails.
///
/// The kernel does not survive an id it cannot find: the first lookup makes it read beyond an array (this connection
/// is dead, nothing else), the second makes it follow a null pointer with the hotplug lock in its hands. So does a CPU
/// whose sysfs entry another connection removed while this operation waited for the lock.
final class DelApicIds implements Operation {

    private final X86Cpus cpus;
    private final List<Integer> ids;
    private final Quirks quirks;
    private int done;
    private @Nullable Cpu found;

    DelApicIds(X86Cpus cpus, List<Integer> ids, Quirks quirks) {
        this.cpus = cpus;
        this.ids = ids;
        this.quirks = quirks;
    }

    @Override
    public Progress start() {
        if (cpus.tooManyToRemove(ids.size())) {
            return new Progress.Answered(new Answer.RefusedCpu(Errno.EINVAL, 0));
        }
        for (int id : ids) {
            if (cpus.lookup(id, quirks) == null) {
                return fatal(false);
            }
        }
        if (quirks == Quirks.NONE && new HashSet<>(ids).size() != ids.size()) {
            return refused(Errno.EINVAL);
        }
        return next();
    }

    @Override
    public Progress locked() {
        Cpu cpu = found;
        if (cpu == null || !cpu.sysfs) {
            return fatal(true);
        }
        if (!cpu.online()) {
            return refused(Errno.ALREADY);
        }
        cpu.bring(false);
        cpu.sysfs = false;
        cpus.leave(cpu);
        done++;
        return next();
    }

    private Progress next() {
        if (done == ids.size()) {
            return new Progress.Answered(new Answer.CpuDone(done));
        }
        found = cpus.lookup(ids.get(done), quirks);
        if (found != null && found.number == 0) {
            return refused(Errno.EINVAL);
        }
        return new Progress.WantsLock();
    }

    private Progress fatal(boolean holdingLock) {
        return quirks == Quirks.KEPT ? new Progress.Crashed(holdingLock) : refused(Errno.EINVAL);
    }

    private static Progress refused(int result) {
        return new Progress.Answered(new Answer.Refused(result));
    }
}
