package dev.upcall.proto.extension;

import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.wire.FrameLayout;
import java.util.List;
import java.util.Optional;

/// One page of what the guest has (§4). Entries come in the order of the fields over all pages.
///
/// @param guestEpoch equal on all pages
/// @param generation bumped by every change
/// @param running operations begun and not finished, on any connection
/// @param cpus on the first page only
/// @param connections by client epoch
/// @param mmio by base
/// @param pci by bus and devfn
/// @param nextToken empty on the last page; at most 32 bytes
public record InventoryPage(
        Epoch guestEpoch,
        long generation,
        int running,
        Optional<CpuInventory> cpus,
        List<ClientConnections> connections,
        List<MmioDevice> mmio,
        List<PciFunction> pci,
        Bytes nextToken)
        implements ExtensionReply {

    public InventoryPage {
        Bounds.requireAtLeast("generation", generation, 0);
        Bounds.requireAtLeast("running", running, 0);
        Bounds.requireSize("next_token", nextToken.size(), InventoryRequest.TOKEN_BYTES_MAX);
        connections = List.copyOf(connections);
        mmio = List.copyOf(mmio);
        pci = List.copyOf(pci);
        Bounds.requireSize(
                "inventory page",
                InventoryCodec.encodedSize(guestEpoch, generation, running, cpus, connections, mmio, pci, nextToken),
                FrameLayout.REPLY_LOAD_BYTES_MAX);
    }

    public boolean isLast() {
        return nextToken.isEmpty();
    }

    @Override
    public ExtensionType type() {
        return ExtensionType.INVENTORY;
    }

    @Override
    public int result() {
        return 0;
    }
}
