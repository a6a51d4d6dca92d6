package dev.upcall.proto.hotplug;

import dev.upcall.proto.guest.CpuModel;
import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.Request;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/// A step as the requests it becomes for this guest, one CPU per request.
final class Expansion {

    private Expansion() {}

    static List<Request> of(PlanStep step, GuestProfile profile, CpuPicture picture) {
        return switch (step) {
            case PlanStep.AddCpus s -> add(s.count(), profile, picture);
            case PlanStep.SetCpus s -> {
                int change = s.count() - picture.present().size();
                yield change >= 0 ? add(change, profile, picture) : remove(-change, profile, picture);
            }
            case PlanStep.Ask s -> single(s.request(), picture);
        };
    }

    private static List<Request> add(int count, GuestProfile profile, CpuPicture picture) {
        if (profile.cpuModel() == CpuModel.COUNT) {
            return times(count, new Request.AddCpuCount(1));
        }
        return picture.lowestAbsent(count).stream()
                .map(id -> (Request) new Request.AddCpu(id))
                .toList();
    }

    /// From the highest slot down: the only order that 5.10 and 6.1 guests survive, and right for all.
    private static List<Request> remove(int count, GuestProfile profile, CpuPicture picture) {
        if (profile.cpuModel() == CpuModel.COUNT) {
            return times(count, new Request.DelCpuCount(1));
        }
        return picture.presentInSlotOrder().reversed().stream()
                .filter(id -> !id.equals(ApicId.BOOT))
                .limit(count)
                .map(id -> (Request) new Request.DelCpu(id))
                .toList();
    }

    private static List<Request> single(Request request, CpuPicture picture) {
        return switch (request) {
            case Request.AddCpu r ->
                r.ids().stream().map(id -> (Request) new Request.AddCpu(id)).toList();
            case Request.DelCpu r ->
                r.ids().stream()
                        .sorted((a, b) -> Integer.compare(picture.slotOf(b), picture.slotOf(a)))
                        .map(id -> (Request) new Request.DelCpu(id))
                        .toList();
            case Request.AddCpuCount r -> times(r.count(), new Request.AddCpuCount(1));
            case Request.DelCpuCount r -> times(r.count(), new Request.DelCpuCount(1));
            case Request.AddMmio _, Request.DelMmio _, Request.AddPci _, Request.DelPci _ -> List.of(request);
        };
    }

    private static List<Request> times(int count, Request request) {
        return IntStream.range(0, count).mapToObj(_ -> request).toList();
    }

    /// What takes a carried-out request back.
    static Request opposite(Request request) {
        return switch (request) {
            case Request.AddCpu r -> new Request.DelCpu(backwards(r.ids()));
            case Request.DelCpu r -> new Request.AddCpu(backwards(r.ids()));
            case Request.AddCpuCount r -> new Request.DelCpuCount(r.count());
            case Request.DelCpuCount r -> new Request.AddCpuCount(r.count());
            case Request.AddMmio r -> new Request.DelMmio(r.device());
            case Request.DelMmio r -> new Request.AddMmio(r.device());
            case Request.AddPci r -> new Request.DelPci(r.function());
            case Request.DelPci r -> new Request.AddPci(r.function());
        };
    }

    private static List<ApicId> backwards(List<ApicId> ids) {
        List<ApicId> turned = new java.util.ArrayList<>(ids);
        Collections.reverse(turned);
        return turned;
    }
}
