package dev.upcall.proto.extension.inventory;

import dev.upcall.proto.extension.ClientConnections;
import dev.upcall.proto.extension.CpuInventory;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import java.util.List;

/// What a guest has at one moment, whole (§4).
///
/// @param generation bumped by every change of anything in here
/// @param running operations begun and not finished, on any connection
/// @param connections by client epoch
/// @param mmio by base
/// @param pci by bus and devfn
public record Inventory(
        Epoch guestEpoch,
        long generation,
        int running,
        CpuInventory cpus,
        List<ClientConnections> connections,
        List<MmioDevice> mmio,
        List<PciFunction> pci) {

    public Inventory {
        connections = List.copyOf(connections);
        mmio = List.copyOf(mmio);
        pci = List.copyOf(pci);
    }

    /// How many connections this client has to the guest, the one that asked included.
    public int connectionsOf(Epoch client) {
        return connections.stream()
                .filter(c -> c.client().filter(client::equals).isPresent())
                .mapToInt(ClientConnections::count)
                .sum();
    }

    /// Whether this inventory settles a plain request whose reply was lost (§4): nothing runs, and of the
    /// client's connections only the one that asks is left, so nothing of the old one will be read any more.
    /// Otherwise the client asks again until the request's deadline.
    public boolean settles(Epoch client) {
        return running == 0 && connectionsOf(client) <= 1;
    }
}
