package dev.upcall.stub.linux;

import dev.upcall.stub.linux.CpuOperations.Pause;
import dev.upcall.stub.machine.Machine;
import dev.upcall.stub.machine.MachinePlan;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// The kernel that this process runs on, and how it is treated.
///
/// @param root where its files are: `/`
/// @param writer how they are written
/// @param interval how long after one look at them the next one is taken
/// @param pause how a CPU is waited for
/// @param notes told, on any thread, what people should know, a line at a time
public record LinuxPlan(Path root, AttributeWriter writer, Duration interval, Pause pause, Consumer<String> notes)
        implements MachinePlan {

    /// An event that somebody else has caused is told so late, at most, and one look takes a
    /// millisecond or two on an emulated guest.
    public static final Duration INTERVAL = Duration.ofMillis(500);

    /// What an opening can carry of a product's name.
    private static final int PRODUCT_MAX = 128;

    /// @param dryRun what would be written is told instead
    public static LinuxPlan ofThisKernel(boolean dryRun, Consumer<String> notes) {
        return new LinuxPlan(
                Path.of("/"),
                dryRun ? AttributeWriter.dry(notes) : AttributeWriter.KERNEL,
                INTERVAL,
                LinuxPlan::sleep,
                notes);
    }

    @Override
    public Machine start(Runnable wake) throws IOException {
        if (!writer.real()) {
            notes.accept("dry run: requests are answered as if they had worked, and nothing is changed");
        }
        return new LinuxMachine(this, wake);
    }

    /// What it calls itself in an opening.
    public String product() {
        String product = "Linux " + KernelFacts.read(new Sysfs(root)).release() + ", upcall agent"
                + (writer.real() ? "" : ", dry run: nothing is changed");
        return product.substring(0, Math.min(product.length(), PRODUCT_MAX));
    }

    /// An interrupt ends it.
    private static void sleep(long nanos) throws InterruptedException {
        if (new CountDownLatch(1).await(nanos, TimeUnit.NANOSECONDS)) {
            throw new IllegalStateException("nobody counts down");
        }
    }
}
