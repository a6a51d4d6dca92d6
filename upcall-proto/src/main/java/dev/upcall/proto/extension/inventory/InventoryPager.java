package dev.upcall.proto.extension.inventory;

import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.ClientConnections;
import dev.upcall.proto.extension.CpuInventory;
import dev.upcall.proto.extension.InventoryPage;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.wire.FrameLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Guest side: cuts an inventory into pages, and no entry of it. Keeps nothing between pages: the token says
/// which entry
/// comes next, and a client that sees another generation begins anew.
///
/// The sizes are the longest that an entry's encoding can be, so a page may stay a little short of 1004
/// bytes.
public final class InventoryPager {

    private static final int TOKEN_BYTES = Integer.BYTES;

    /// guest_epoch 9, generation 11, running 6, token 2 + 4, the head of the packed PCI list 3.
    private static final int HEAD_BYTES = 9 + 11 + 6 + 2 + TOKEN_BYTES + 3;

    /// Two sets of 32 bytes, 255 slots, the boot CPU, with their tags and lengths.
    private static final int CPUS_BYTES = 3 + 2 * (2 + 32) + (3 + 255) + 3;

    private static final int CONNECTIONS_BYTES = 2 + 9 + 6;
    private static final int MMIO_BYTES = 2 + 9 + 9 + 6;
    private static final int PCI_BYTES = 3;

    private InventoryPager() {}

    /// The page that a token asks for; empty for a token that is none of ours, which is −22.
    public static Optional<InventoryPage> page(Inventory inventory, Bytes token) {
        if (token.isEmpty()) {
            return Optional.of(page(inventory, 0));
        }
        if (token.size() != TOKEN_BYTES) {
            return Optional.empty();
        }
        int next =
                ByteBuffer.wrap(token.toArray()).order(ByteOrder.LITTLE_ENDIAN).getInt();
        return next < 1 ? Optional.empty() : Optional.of(page(inventory, next));
    }

    private static InventoryPage page(Inventory inventory, int first) {
        Optional<CpuInventory> cpus = first == 0 ? Optional.of(inventory.cpus()) : Optional.empty();
        List<ClientConnections> connections = new ArrayList<>();
        List<MmioDevice> mmio = new ArrayList<>();
        List<PciFunction> pci = new ArrayList<>();
        int ofConnections = inventory.connections().size();
        int ofMmio = ofConnections + inventory.mmio().size();
        int all = ofMmio + inventory.pci().size();
        int room = FrameLayout.REPLY_LOAD_BYTES_MAX - HEAD_BYTES - (first == 0 ? CPUS_BYTES : 0);
        int next = first;
        while (next < all) {
            int size = next < ofConnections ? CONNECTIONS_BYTES : next < ofMmio ? MMIO_BYTES : PCI_BYTES;
            if (size > room) {
                break;
            }
            room -= size;
            if (next < ofConnections) {
                connections.add(inventory.connections().get(next));
            } else if (next < ofMmio) {
                mmio.add(inventory.mmio().get(next - ofConnections));
            } else {
                pci.add(inventory.pci().get(next - ofMmio));
            }
            next++;
        }
        Bytes token = next < all ? token(next) : Bytes.EMPTY;
        return new InventoryPage(
                inventory.guestEpoch(),
                inventory.generation(),
                inventory.running(),
                cpus,
                connections,
                mmio,
                pci,
                token);
    }

    private static Bytes token(int next) {
        return Bytes.of(ByteBuffer.allocate(TOKEN_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(next)
                .array());
    }
}
