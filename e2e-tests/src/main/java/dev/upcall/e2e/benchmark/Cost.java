package dev.upcall.e2e.benchmark;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/// What the process has cost so far: bytes allocated by all threads that ever were, processor time.
final class Cost {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private Cost() {}

    static long allocatedBytes() {
        return THREADS.getTotalThreadAllocatedBytes();
    }

    /// Processor time of the whole process while this thread sleeps, as a share of one core.
    static double ofWaiting(long millis) throws InterruptedException {
        long before = SYSTEM.getProcessCpuTime();
        long begin = System.nanoTime();
        Thread.sleep(millis);
        return (double) (SYSTEM.getProcessCpuTime() - before) / (System.nanoTime() - begin);
    }
}
