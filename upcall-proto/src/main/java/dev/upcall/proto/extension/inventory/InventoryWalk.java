package dev.upcall.proto.extension.inventory;

import dev.upcall.proto.extension.InventoryPage;
import dev.upcall.proto.extension.InventoryRequest;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Client side: the way from page to page to a whole inventory. Immutable: each page gives the next walk or
/// the end.
///
/// | the page …                                     | what follows                                        |
/// |------------------------------------------------|-----------------------------------------------------|
/// | goes on and has a token                        | [More]: ask for the page of [#request]              |
/// | goes on and has none                           | [Complete]                                          |
/// | is of another generation                       | [More] from the first page, at most 8 times         |
/// | … for the ninth time                           | [Unstable]                                          |
/// | is of another guest epoch, or out of its order | [Broken]: the peer misbehaves                       |
///
/// @param restarts how often the walk began anew
/// @param pages read so far, all of one generation
public record InventoryWalk(int restarts, List<InventoryPage> pages) {

    /// A guest that changes faster than it can be told, nine times in a row, is not going to hold still (§4).
    public static final int RESTARTS_MAX = 8;

    /// All 65,536 PCI functions of a domain are about 200 pages; a peer that never ends is stopped here.
    public static final int PAGES_MAX = 1024;

    /// What a page leads to.
    public sealed interface Step {}

    /// The next page is to be asked for.
    public record More(InventoryWalk walk) implements Step {}

    public record Complete(Inventory inventory) implements Step {}

    /// The generation changed between pages more than 8 times: `InventoryUnstable`.
    public record Unstable(String why) implements Step {}

    /// The pages cannot belong together.
    public record Broken(String why) implements Step {}

    public InventoryWalk {
        pages = List.copyOf(pages);
    }

    public static InventoryWalk begin() {
        return new InventoryWalk(0, List.of());
    }

    /// What to ask now.
    public InventoryRequest request() {
        return pages.isEmpty()
                ? InventoryRequest.FIRST
                : new InventoryRequest(pages.getLast().nextToken());
    }

    /// The answer to [#request] has arrived.
    public Step take(InventoryPage page) {
        if (!pages.isEmpty()) {
            InventoryPage first = pages.getFirst();
            if (!first.guestEpoch().equals(page.guestEpoch())) {
                return new Broken("inventory page " + (pages.size() + 1) + " is of guest epoch " + page.guestEpoch()
                        + ", expected " + first.guestEpoch());
            }
            if (first.generation() != page.generation()) {
                return restarts < RESTARTS_MAX
                        ? new More(new InventoryWalk(restarts + 1, List.of()))
                        : new Unstable("the guest changed between the pages of its inventory " + (restarts + 1)
                                + " times, last from generation " + first.generation() + " to " + page.generation());
            }
        }
        if (page.cpus().isPresent() != pages.isEmpty()) {
            return new Broken("CPUs must stand on the first inventory page only; page " + (pages.size() + 1)
                    + (pages.isEmpty() ? " has none" : " has some"));
        }
        if (pages.size() == PAGES_MAX) {
            return new Broken("the inventory has more than " + PAGES_MAX + " pages");
        }
        List<InventoryPage> read = new ArrayList<>(pages);
        read.add(page);
        return page.isLast() ? new Complete(whole(read)) : new More(new InventoryWalk(restarts, read));
    }

    private static Inventory whole(List<InventoryPage> pages) {
        InventoryPage first = pages.getFirst();
        return new Inventory(
                first.guestEpoch(),
                first.generation(),
                // What counts is that nothing ran at any page: a guest may count without a new generation.
                pages.stream().mapToInt(InventoryPage::running).max().orElse(0),
                first.cpus().orElseThrow(),
                all(pages, InventoryPage::connections),
                InventoryWalk.<MmioDevice>all(pages, InventoryPage::mmio),
                InventoryWalk.<PciFunction>all(pages, InventoryPage::pci));
    }

    private static <E> List<E> all(List<InventoryPage> pages, Function<InventoryPage, List<E>> part) {
        return pages.stream().flatMap(page -> part.apply(page).stream()).toList();
    }
}
