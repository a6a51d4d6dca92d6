package dev.upcall.stub.linux;

import dev.upcall.proto.message.ApicId;
import dev.upcall.stub.linux.Snapshot.Cpu;
import dev.upcall.stub.machine.Answer;
import dev.upcall.stub.machine.Errno;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// ADD_CPU and DEL_CPU on a kernel that runs: checks, then one CPU behind the other until the first
/// that fails, as the 6.12 kernels do it; the package's table.
///
/// Blocks as long as the kernel takes to start or stop a CPU, and up to 10 s for one that is not there.
/// One at a time.
final class CpuOperations {

    /// A kernel service waits so long for a vCPU that does not come.
    static final long APPEAR_NANOS = TimeUnit.SECONDS.toNanos(10);

    /// How often it is looked for meanwhile.
    static final long APPEAR_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final String ONLINE_FILE = "sys/devices/system/cpu/cpu%d/online";

    /// Lets time pass.
    @FunctionalInterface
    interface Pause {
        /// @throws InterruptedException when nobody waits for the answer any more
        void pause(long nanos) throws InterruptedException;
    }

    private final Sysfs sysfs;
    private final Firmware firmware;
    private final Lookout lookout;
    private final AttributeWriter writer;
    private final Pause pause;
    private final Consumer<String> notes;

    CpuOperations(
            Sysfs sysfs,
            Firmware firmware,
            Lookout lookout,
            AttributeWriter writer,
            Pause pause,
            Consumer<String> notes) {
        this.sysfs = sysfs;
        this.firmware = firmware;
        this.lookout = lookout;
        this.writer = writer;
        this.pause = pause;
        this.notes = notes;
    }

    Answer add(List<Integer> ids) throws IOException, InterruptedException {
        Snapshot before = lookout.look();
        if (ids.stream().anyMatch(id -> isInUse(before, id))) {
            return new Answer.Refused(Errno.EINVAL);
        }
        for (int id : ids) {
            int result = addOne(id);
            if (result != 0) {
                return new Answer.Refused(result);
            }
        }
        return new Answer.CpuDone(ids.size());
    }

    Answer del(List<Integer> ids) throws IOException {
        Snapshot before = lookout.look();
        if (ids.size() >= before.online()) {
            return new Answer.RefusedCpu(Errno.EINVAL, 0);
        }
        // What follows crashes a kernel service.
        if (!ids.stream().allMatch(id -> isInUse(before, id)) || new HashSet<>(ids).size() != ids.size()) {
            return new Answer.Refused(Errno.EINVAL);
        }
        for (int id : ids) {
            int result = delOne(id);
            if (result != 0) {
                return new Answer.Refused(result);
            }
        }
        return new Answer.CpuDone(ids.size());
    }

    private int addOne(int id) throws IOException, InterruptedException {
        Snapshot now = lookout.look();
        Optional<Cpu> cpu = now.cpu(id);
        if (id > ApicId.MAX || (cpu.isEmpty() && !(firmware.lists(id) && lookout.hasRoom(now)))) {
            return Errno.EINVAL;
        }
        for (long waited = 0; cpu.isEmpty() && waited < APPEAR_NANOS; waited += APPEAR_STEP_NANOS) {
            pause.pause(APPEAR_STEP_NANOS);
            cpu = lookout.look().cpu(id);
        }
        if (cpu.isEmpty()) {
            return Errno.EIO;
        }
        if (cpu.get().online()) {
            return Errno.EEXIST;
        }
        return start(cpu.get());
    }

    /// The id is the firmware's word until the CPU is online and says it itself.
    private int start(Cpu cpu) throws IOException {
        int result = write(cpu, "1");
        if (result != 0 || !writer.real()) {
            return result;
        }
        int found = lookout.look().cpus().stream()
                .filter(c -> c.number() == cpu.number() && c.online())
                .map(Cpu::apicId)
                .findFirst()
                .orElse(Snapshot.UNKNOWN);
        if (found == cpu.apicId()) {
            return 0;
        }
        notes.accept("CPU " + cpu.number() + " was started as APIC id " + cpu.apicId() + ", found "
                + (found == Snapshot.UNKNOWN ? "it not online" : "it is " + found) + "; taken offline again");
        write(cpu, "0");
        lookout.removed(cpu.number());
        return Errno.EIO;
    }

    private int delOne(int id) throws IOException {
        Optional<Cpu> cpu = lookout.look().cpu(id);
        if (cpu.isEmpty() || !sysfs.has(ONLINE_FILE.formatted(cpu.get().number()))) {
            return Errno.EINVAL; // the boot CPU, or one that went while others were removed
        }
        if (!cpu.get().online()) {
            return Errno.ALREADY;
        }
        int result = write(cpu.get(), "0");
        if (result == 0) {
            lookout.removed(cpu.get().number());
        }
        return result;
    }

    private int write(Cpu cpu, String value) {
        return writer.write(sysfs.at(ONLINE_FILE.formatted(cpu.number())), value);
    }

    private static boolean isInUse(Snapshot snapshot, int id) {
        return snapshot.cpu(id).filter(Cpu::inUse).isPresent();
    }
}
