package dev.upcall.stub.machine;

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
    private int done;
    private @Nullable Cpu found;

    DelApicIds(X86Cpus cpus, List<Integer> ids) {
        this.cpus = cpus;
        this.ids = ids;
    }

    @Override
    public Progress start() {
        if (cpus.tooManyToRemove(ids.size())) {
            return new Progress.Answered(new Answer.RefusedCpu(Errno.EINVAL, 0));
        }
        for (int id : ids) {
            if (cpus.lookup(id) == null) {
                return new Progress.Crashed(false);
            }
        }
        return next();
    }

    @Override
    public Progress locked() {
        Cpu cpu = found;
        if (cpu == null || !cpu.sysfs) {
            return new Progress.Crashed(true);
        }
        if (!cpu.online) {
            return refused(Errno.ALREADY);
        }
        cpu.online = false;
        cpu.sysfs = false;
        cpus.leave(cpu);
        done++;
        return next();
    }

    private Progress next() {
        if (done == ids.size()) {
            return new Progress.Answered(new Answer.CpuDone(done));
        }
        found = cpus.lookup(ids.get(done));
        if (found != null && found.number == 0) {
            return refused(Errno.EINVAL);
        }
        return new Progress.WantsLock();
    }

    private static Progress refused(int result) {
        return new Progress.Answered(new Answer.Refused(result));
    }
}
