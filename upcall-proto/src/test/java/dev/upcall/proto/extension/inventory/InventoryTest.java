package dev.upcall.proto.extension.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.ClientConnections;
import dev.upcall.proto.extension.CpuInventory;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.ExtensionWriter;
import dev.upcall.proto.extension.InventoryPage;
import dev.upcall.proto.extension.InventoryRequest;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// §4: pages and the walk over them.
class InventoryTest {

    private static final Epoch GUEST = new Epoch(0x6E);
    private static final Epoch CLIENT = new Epoch(0xC1);
    private static final List<ApicId> EVERY_ID =
            IntStream.rangeClosed(0, ApicId.MAX).mapToObj(ApicId::new).toList();

    @Test
    void s4_an_inventory_of_any_size_is_walked_whole_and_in_order() {
        for (int[] sizes : new int[][] {{0, 0, 0}, {1, 1, 1}, {64, 40, 500}, {65, 0, 65_536}, {0, 300, 0}}) {
            Inventory inventory = inventory(3, 0, sizes[0], sizes[1], sizes[2]);

            assertThat(walk(inventory)).isEqualTo(new InventoryWalk.Complete(inventory));
        }
    }

    @Test
    void s4_every_page_fits_its_frame_and_only_the_first_has_the_cpus() {
        Inventory inventory = inventory(Long.MAX_VALUE, Integer.MAX_VALUE, 65, 100, 2000);
        Bytes token = Bytes.EMPTY;
        int pages = 0;
        do {
            InventoryPage page = InventoryPager.page(inventory, token).orElseThrow();
            assertThat(ExtensionWriter.toBytes(page)).hasSize(1024);
            assertThat(page.cpus().isPresent()).isEqualTo(pages == 0);
            token = page.nextToken();
            pages++;
        } while (!token.isEmpty());

        assertThat(pages).isBetween(5, 14);
    }

    @Test
    void s4_a_token_that_is_none_of_ours_gets_no_page() {
        Inventory inventory = inventory(1, 0, 1, 1, 1);

        assertThat(InventoryPager.page(inventory, Bytes.of(new byte[3]))).isEmpty();
        assertThat(InventoryPager.page(inventory, Bytes.of(new byte[32]))).isEmpty();
        assertThat(InventoryPager.page(inventory, Bytes.of(new byte[4]))).isEmpty();
        assertThat(InventoryPager.page(inventory, Bytes.of(new byte[] {0, 0, 0, -1})))
                .isEmpty();
    }

    @Test
    void s4_a_token_past_the_end_of_an_inventory_that_shrank_gets_an_empty_last_page() {
        InventoryPage page = InventoryPager.page(inventory(2, 0, 1, 1, 1), Bytes.of(new byte[] {9, 9, 0, 0}))
                .orElseThrow();

        assertThat(page.isLast()).isTrue();
        assertThat(page.pci()).isEmpty();
    }

    @Test
    void s4_a_new_generation_restarts_the_walk_eight_times_and_then_it_is_unstable() {
        InventoryWalk walk = InventoryWalk.begin();
        for (int i = 0; i < 8; i++) {
            walk = more(walk.take(first(i)));
            assertThat(walk.request()).isNotEqualTo(InventoryRequest.FIRST);
            walk = more(walk.take(last(i + 1)));
            assertThat(walk.restarts()).isEqualTo(i + 1);
            assertThat(walk.request()).isEqualTo(InventoryRequest.FIRST);
        }
        walk = more(walk.take(first(100)));

        assertThat(walk.take(last(100))).isInstanceOf(InventoryWalk.Complete.class);
        assertThat(walk.take(last(101))).isInstanceOf(InventoryWalk.Unstable.class);
    }

    @Test
    void s4_pages_of_two_guest_epochs_do_not_belong_together() {
        InventoryWalk walk = more(InventoryWalk.begin().take(first(1)));

        InventoryPage other = new InventoryPage(
                new Epoch(0x6F), 1, 0, Optional.empty(), List.of(), List.of(), List.of(), Bytes.EMPTY);
        assertThat(walk.take(other)).isInstanceOf(InventoryWalk.Broken.class);
    }

    @Test
    void s4_cpus_stand_on_the_first_page_and_nowhere_else() {
        assertThat(InventoryWalk.begin().take(last(1))).isInstanceOf(InventoryWalk.Broken.class);
        assertThat(more(InventoryWalk.begin().take(first(1))).take(first(1))).isInstanceOf(InventoryWalk.Broken.class);
    }

    @Test
    void s4_a_walk_ends_even_when_the_guest_does_not() {
        InventoryWalk walk = more(InventoryWalk.begin().take(first(1)));
        InventoryPage next = new InventoryPage(GUEST, 1, 0, Optional.empty(), List.of(), List.of(), List.of(), token());
        for (int i = 1; i < InventoryWalk.PAGES_MAX; i++) {
            walk = more(walk.take(next));
        }

        assertThat(walk.take(next)).isInstanceOf(InventoryWalk.Broken.class);
    }

    @Test
    void s4_a_lost_plain_request_is_settled_only_when_nothing_runs_and_the_old_connection_is_gone() {
        assertThat(settles(0, 1)).isTrue();
        assertThat(settles(1, 1)).isFalse();
        assertThat(settles(0, 2)).isFalse();
        assertThat(settles(1, 2)).isFalse();
    }

    @Test
    void s4_what_runs_at_any_page_keeps_a_request_unsettled() {
        InventoryWalk walk = more(InventoryWalk.begin().take(first(1)));
        InventoryPage busy =
                new InventoryPage(GUEST, 1, 1, Optional.empty(), List.of(), List.of(), List.of(), Bytes.EMPTY);

        assertThat(walk.take(busy))
                .isInstanceOfSatisfying(
                        InventoryWalk.Complete.class,
                        whole -> assertThat(whole.inventory().settles(CLIENT)).isFalse());
    }

    private static boolean settles(int running, int own) {
        List<ClientConnections> connections = List.of(
                new ClientConnections(Optional.empty(), 3),
                new ClientConnections(Optional.of(CLIENT), own),
                new ClientConnections(Optional.of(new Epoch(0xC2)), 2));
        return new Inventory(GUEST, 1, running, cpus(), connections, List.of(), List.of()).settles(CLIENT);
    }

    private static InventoryWalk.Step walk(Inventory inventory) {
        InventoryWalk walk = InventoryWalk.begin();
        while (true) {
            InventoryWalk.Step step = walk.take(
                    InventoryPager.page(inventory, walk.request().token()).orElseThrow());
            if (!(step instanceof InventoryWalk.More next)) {
                return step;
            }
            walk = next.walk();
        }
    }

    private static InventoryWalk more(InventoryWalk.Step step) {
        return ((InventoryWalk.More) step).walk();
    }

    private static InventoryPage first(long generation) {
        return new InventoryPage(GUEST, generation, 0, Optional.of(cpus()), List.of(), List.of(), List.of(), token());
    }

    private static InventoryPage last(long generation) {
        return new InventoryPage(GUEST, generation, 0, Optional.empty(), List.of(), List.of(), List.of(), Bytes.EMPTY);
    }

    private static Bytes token() {
        return Bytes.utf8("next");
    }

    private static CpuInventory cpus() {
        return new CpuInventory(
                EVERY_ID.stream().collect(Collectors.toSet()), Set.of(ApicId.BOOT), EVERY_ID, ApicId.BOOT);
    }

    private static Inventory inventory(long generation, int running, int clients, int mmio, int pci) {
        return new Inventory(
                GUEST,
                generation,
                running,
                cpus(),
                IntStream.range(0, clients)
                        .mapToObj(i -> new ClientConnections(Epoch.ofWire(-i), Integer.MAX_VALUE))
                        .toList(),
                IntStream.range(0, mmio)
                        .mapToObj(i -> MmioDevice.of(0xFFFF_0000_0000_0000L + i * 0x1000L, 0x1000, Integer.MAX_VALUE))
                        .toList(),
                IntStream.range(0, pci)
                        .mapToObj(i -> PciFunction.ofDevfn(i >> 8, i & 0xFF))
                        .toList());
    }
}
