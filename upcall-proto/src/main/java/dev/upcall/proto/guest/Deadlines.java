package dev.upcall.proto.guest;

import dev.upcall.proto.message.Request;
import java.math.BigDecimal;
import java.time.Duration;

/// How long each phase and each operation may take. Defaults from what slow, emulated guests were seen to need
/// (`upcall-wire` 5.10): MMIO and PCI 1–30 ms, ADD_CPU up to 700 ms (2.1 s on 6.12), a failing ADD_CPU 10 s, two of
/// them one after the other 20.25 s.
///
/// @param okLine from the start of dialling to the `OK` line. Long on purpose: a parked CONNECT takes 2 s, and
///     closing a pending one kills vhost-device-vsock 0.3 for good (`hybrid-vsock`)
/// @param connectFrame from the service byte to the guest's CONNECT frame
/// @param pci one PCI operation
/// @param mmio one virtio-mmio operation; it may wait behind a failing ADD_CPU of another connection
/// @param cpu a CPU operation with one id
/// @param furtherCpu added for each further id of a batch
public record Deadlines(
        Duration okLine, Duration connectFrame, Duration pci, Duration mmio, Duration cpu, Duration furtherCpu) {

    public static final Deadlines DEFAULT = new Deadlines(
            Duration.ofSeconds(10),
            Duration.ofMillis(2500),
            Duration.ofSeconds(5),
            Duration.ofSeconds(15),
            Duration.ofSeconds(25),
            Duration.ofSeconds(1));

    public Deadlines {
        requirePositive("okLine", okLine);
        requirePositive("connectFrame", connectFrame);
        requirePositive("pci", pci);
        requirePositive("mmio", mmio);
        requirePositive("cpu", cpu);
        requirePositive("furtherCpu", furtherCpu);
    }

    /// A time as people read it: `2.5 s`.
    public static String text(Duration time) {
        return BigDecimal.valueOf(time.toMillis(), 3).stripTrailingZeros().toPlainString() + " s";
    }

    /// The reply deadline of a request, in nanoseconds from the moment it is sent.
    public long replyNanos(Request request) {
        return switch (request) {
            case Request.AddCpu r -> cpuNanos(r.ids().size());
            case Request.DelCpu r -> cpuNanos(r.ids().size());
            case Request.AddCpuCount r -> cpuNanos(r.count());
            case Request.DelCpuCount r -> cpuNanos(r.count());
            case Request.AddMmio _, Request.DelMmio _ -> mmio.toNanos();
            case Request.AddPci _, Request.DelPci _ -> pci.toNanos();
        };
    }

    private long cpuNanos(int ids) {
        return cpu.toNanos() + (ids - 1) * furtherCpu.toNanos();
    }

    private static void requirePositive(String what, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("deadline " + what + " must be positive: " + value);
        }
    }
}
