package dev.upcall.proto.session.request;

import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.guest.Hazard;
import dev.upcall.proto.guest.Repetition;
import dev.upcall.proto.guest.Verdict;
import dev.upcall.proto.message.Irq;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.MmioWindow;
import dev.upcall.proto.message.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Requests whose connection was lost while they were out: the guest may still carry them out (`upcall-wire` 5.7).
///
/// CPU and MMIO requests make their checks before they wait for the guest's hotplug lock. Until the last of these has
/// surely had the lock, a second one about the same CPU or window passes the same checks and then finds a guest that
/// they have not seen: it registers twice, loses a CPU, or crashes the guest. It makes no difference whether the
/// session repeats it or its caller asks anew. And a picture of the CPUs given meanwhile is soon wrong about theirs.
///
/// @param requests those that may still run
/// @param until when the last of them has ended
public record Lingering(List<Request> requests, long until) {

    public static final Lingering NONE = new Lingering(List.of(), 0);

    /// How long one CPU request may hold the lock: 10 s when the vCPU does not exist, rounded up.
    private static final Duration ONE_CPU = Repetition.HOLD_OFF.dividedBy(2);

    /// These and one more, which left at `sentAt` and waits behind them.
    public Lingering and(Request request, long sentAt, long now) {
        int cpus = cpus(request);
        boolean empty = now >= until;
        if (!request.operation().takesHotplugLock()) {
            return this;
        }
        List<Request> all = new ArrayList<>(empty ? List.of() : requests);
        all.add(request);
        long alone = sentAt + Repetition.HOLD_OFF.toNanos() + Math.max(0, cpus - 1) * ONE_CPU.toNanos();
        long behind = empty ? 0 : until + cpus * ONE_CPU.toNanos();
        return new Lingering(List.copyOf(all), Math.max(alone, behind));
    }

    /// A picture as far as it can be believed now.
    public CpuPicture doubt(CpuPicture picture, long now) {
        CpuPicture doubted = picture;
        if (now < until) {
            for (Request request : requests) {
                doubted = doubted.inDoubtAbout(request);
            }
        }
        return doubted;
    }

    /// Whether a device request may leave now. CPU requests are judged by the doubts in the picture.
    public Verdict judge(Request request, long now) {
        MmioDevice device = device(request);
        if (device != null && now < until) {
            for (Request earlier : requests) {
                MmioDevice other = device(earlier);
                if (other != null && touch(device, other)) {
                    return new Verdict.Unsafe(
                            Hazard.IN_DOUBT,
                            request + ": the connection was lost while " + earlier + " was out, and the guest may still"
                                    + " carry it out for "
                                    + Duration.ofNanos(until - now).toSeconds() + " s");
                }
            }
        }
        return new Verdict.Safe(request);
    }

    private static int cpus(Request request) {
        return switch (request) {
            case Request.AddCpu r -> r.ids().size();
            case Request.DelCpu r -> r.ids().size();
            case Request.AddCpuCount r -> r.count();
            case Request.DelCpuCount r -> r.count();
            case Request.AddMmio _, Request.DelMmio _, Request.AddPci _, Request.DelPci _ -> 0;
        };
    }

    private static @Nullable MmioDevice device(Request request) {
        return switch (request) {
            case Request.AddMmio r -> r.device();
            case Request.DelMmio r -> r.device();
            case Request.AddCpu _,
                    Request.DelCpu _,
                    Request.AddCpuCount _,
                    Request.DelCpuCount _,
                    Request.AddPci _,
                    Request.DelPci _ -> null;
        };
    }

    private static boolean touch(MmioDevice a, MmioDevice b) {
        boolean sameLine = a.irq().equals(b.irq()) && !a.irq().equals(Irq.SHAREABLE);
        return sameLine || overlap(a.window(), b.window());
    }

    private static boolean overlap(MmioWindow a, MmioWindow b) {
        return Long.compareUnsigned(a.base(), b.last()) <= 0 && Long.compareUnsigned(b.base(), a.last()) <= 0;
    }
}
