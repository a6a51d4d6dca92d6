package dev.upcall.stub.machine;

import java.util.List;
import java.util.stream.IntStream;

/// arm64: the device tree lists every CPU and the VMM has made them all before boot; a request only says how many more,
/// or how many fewer, shall be online, counted from how many are online now.
///
/// A hole in the online set (the guest took CPU 1 of 0–2 offline) makes ADD hit a CPU that is online already: +1. An
/// ADD past the last possible CPU follows a null pointer under the hotplug lock. The load word, a CPU number, is
/// written on failure too.
///
/// Source: the arm64 patch of every tree (`add_cpu_dev`, `del_cpu_dev`); no capture.
final class CountedCpus extends Cpus {

    CountedCpus(MachineConfig config) {
        super(IntStream.range(0, config.possibleCpus()).mapToObj(Cpu::new).toList());
        for (Cpu cpu : all()) {
            cpu.apicId = cpu.number;
            cpu.inUse = true;
            cpu.sysfs = true;
            cpu.present = true;
            cpu.bring(config.bootCpus().contains(cpu.number));
        }
    }

    @Override
    boolean bootCpuCanGoOffline() {
        return true;
    }

    Operation add(int count, Vmm vmm, long startTimeoutNanos, Quirks quirks) {
        return new Add(this, vmm, startTimeoutNanos, count, quirks);
    }

    Operation del(int count) {
        return new Del(this, count);
    }

    /// The kernel passes CPU numbers through a u8.
    private static int u8(int number) {
        return number & 0xff;
    }

    private static final class Add implements Operation {
        private final List<Cpu> cpus;
        private final Vmm vmm;
        private final long startTimeoutNanos;
        private final int count;
        private final Quirks quirks;
        private final int onlineBefore;
        private int done;

        Add(CountedCpus cpus, Vmm vmm, long startTimeoutNanos, int count, Quirks quirks) {
            this.cpus = cpus.all();
            this.vmm = vmm;
            this.startTimeoutNanos = startTimeoutNanos;
            this.count = count;
            this.quirks = quirks;
            this.onlineBefore = cpus.online();
        }

        @Override
        public Progress start() {
            return quirks == Quirks.NONE && onlineBefore + count > cpus.size() ? refused(Errno.EINVAL) : next();
        }

        @Override
        public Progress locked() {
            int number = onlineBefore + done;
            if (number >= cpus.size()) {
                return new Progress.Crashed(true);
            }
            Cpu cpu = cpus.get(number);
            if (cpu.online()) {
                return refused(Errno.ALREADY);
            }
            if (!vmm.hasVcpu(number)) {
                return new Progress.HoldsLockFor(startTimeoutNanos);
            }
            cpu.bring(true);
            done++;
            return next();
        }

        @Override
        public Progress expired() {
            return refused(Errno.EIO);
        }

        private Progress next() {
            return done == count
                    ? new Progress.Answered(new Answer.CpuDone(u8(onlineBefore + done)))
                    : new Progress.WantsLock();
        }

        private Progress refused(int result) {
            return new Progress.Answered(new Answer.RefusedCpu(result, u8(onlineBefore + done)));
        }
    }

    private static final class Del implements Operation {
        private final List<Cpu> cpus;
        private final int count;
        private final int onlineBefore;
        private int done;

        Del(CountedCpus cpus, int count) {
            this.cpus = cpus.all();
            this.count = count;
            this.onlineBefore = cpus.online();
        }

        @Override
        public Progress start() {
            if (count >= onlineBefore) {
                return new Progress.Answered(new Answer.RefusedCpu(Errno.EINVAL, 0));
            }
            return next();
        }

        @Override
        public Progress locked() {
            Cpu cpu = cpus.get(onlineBefore - done - 1);
            if (!cpu.online()) {
                return new Progress.Answered(new Answer.RefusedCpu(Errno.ALREADY, u8(onlineBefore - done)));
            }
            cpu.bring(false);
            done++;
            return next();
        }

        private Progress next() {
            return done == count
                    ? new Progress.Answered(new Answer.CpuDone(u8(onlineBefore - done)))
                    : new Progress.WantsLock();
        }
    }
}
