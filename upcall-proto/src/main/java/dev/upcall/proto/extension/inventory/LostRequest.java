package dev.upcall.proto.extension.inventory;

import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Request;
import java.util.List;
import java.util.Set;

/// What an inventory says of a request whose reply was lost (§4, `upcall-wire` 5.7).
///
/// It knows what is there, not who did it: *holds* means that the guest is as the request wanted it.
public final class LostRequest {

    public enum Reading {
        /// Something runs, or the old connection is still there: ask again until the request's deadline.
        ASK_AGAIN,
        /// The guest is as the request wanted it.
        HOLDS,
        /// It is as if the request had never been carried out.
        HOLDS_NOT,
        /// A batch was carried out in part, or the request is relative (arm64): the inventory cannot tell.
        IN_PART
    }

    private LostRequest() {}

    /// Reads a *settled* inventory; one that does not settle anything is [Reading#ASK_AGAIN].
    ///
    /// @param client who asks
    public static Reading read(Request request, Inventory inventory, Epoch client) {
        if (!inventory.settles(client)) {
            return Reading.ASK_AGAIN;
        }
        Set<ApicId> present = inventory.cpus().present();
        List<MmioDevice> mmio = inventory.mmio();
        List<PciFunction> pci = inventory.pci();
        return switch (request) {
            case Request.AddCpu r -> of(r.ids().size(), count(r.ids(), present));
            case Request.DelCpu r -> of(r.ids().size(), r.ids().size() - count(r.ids(), present));
            case Request.AddMmio r -> of(mmio.contains(r.device()));
            case Request.DelMmio r -> of(!mmio.contains(r.device()));
            case Request.AddPci r -> of(pci.contains(r.function()));
            case Request.DelPci r -> of(!pci.contains(r.function()));
            case Request.AddCpuCount _, Request.DelCpuCount _ -> Reading.IN_PART;
        };
    }

    private static int count(List<ApicId> ids, Set<ApicId> present) {
        return (int) ids.stream().filter(present::contains).count();
    }

    private static Reading of(boolean holds) {
        return holds ? Reading.HOLDS : Reading.HOLDS_NOT;
    }

    private static Reading of(int wanted, int done) {
        return done == wanted ? Reading.HOLDS : done == 0 ? Reading.HOLDS_NOT : Reading.IN_PART;
    }
}
