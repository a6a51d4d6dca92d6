package dev.upcall.e2e.simulation.extended;

import dev.upcall.e2e.simulation.Truth;
import dev.upcall.proto.message.Request;
import dev.upcall.stub.machine.MachineDump;
import java.util.List;

/// Whether a guest is as a request wanted it, read from the machine and not from what it says.
final class Shown {

    private Shown() {}

    /// Never for arm64's relative requests.
    static boolean asWanted(Request request, MachineDump machine) {
        return !isRelative(request)
                && Truth.of(request, 0, machine, List.of(), 0).holds();
    }

    /// As if it had never been carried out.
    static boolean asBefore(Request request, MachineDump machine) {
        return switch (request) {
            case Request.AddCpu r -> asWanted(new Request.DelCpu(r.ids()), machine);
            case Request.DelCpu r -> asWanted(new Request.AddCpu(r.ids()), machine);
            case Request.AddMmio r -> asWanted(new Request.DelMmio(r.device()), machine);
            case Request.DelMmio r -> asWanted(new Request.AddMmio(r.device()), machine);
            case Request.AddPci r -> asWanted(new Request.DelPci(r.function()), machine);
            case Request.DelPci r -> asWanted(new Request.AddPci(r.function()), machine);
            case Request.AddCpuCount _, Request.DelCpuCount _ -> false;
        };
    }

    static boolean isRelative(Request request) {
        return request instanceof Request.AddCpuCount || request instanceof Request.DelCpuCount;
    }
}
