package dev.upcall.e2e.simulation.extended;

import dev.upcall.e2e.simulation.Broken;
import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.inventory.Inventory;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.session.Event;
import dev.upcall.proto.session.extended.Wish;
import dev.upcall.proto.session.extended.WishAnswer;
import dev.upcall.stub.machine.MachineDump;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a client wishes beside requests, and how that ends: events for the guest, each heard at most once and
/// in order, and surely where the client was told so; inventories, each as the guest is.
final class Letters {

    /// A wish: its own ticket.
    private static final class Ticket {
        final int number;
        final boolean inventory;

        @Nullable
        WishAnswer answer;

        Ticket(int number, boolean inventory) {
            this.number = number;
            this.inventory = inventory;
        }

        @Override
        public String toString() {
            return (inventory ? "inventory " : "letter ") + number;
        }
    }

    private final Host host;
    private final ExtendedSimulation world;
    private final Map<Integer, Ticket> all = new HashMap<>();
    private final Set<Ticket> open = new HashSet<>();
    private final Map<Integer, Integer> heard = new HashMap<>();
    private long lastSequence;
    private long lastHeard;
    private int lastHeardIn;

    @Nullable
    Inventory last;

    Letters(Host host) {
        this.host = host;
        this.world = host.world;
    }

    boolean areAnswered() {
        return open.isEmpty();
    }

    @Override
    public String toString() {
        return open.toString();
    }

    // ------------------------------------------------------------------ wishes

    void write() {
        Ticket ticket = ticket(false);
        host.happens(new Event.Wished(new Wish.SendEvent(
                ticket, EventKind.USER, DeviceReference.NONE, Bytes.utf8(Integer.toString(ticket.number)), world.now)));
    }

    void askInventory(long limit) {
        last = null;
        host.happens(new Event.Wished(new Wish.AskInventory(ticket(true), limit)));
    }

    private Ticket ticket(boolean inventory) {
        Ticket ticket = new Ticket(all.size() + 1, inventory);
        all.put(ticket.number, ticket);
        open.add(ticket);
        return ticket;
    }

    // ------------------------------------------------------------------ what comes of them

    void answered(Object ticket, WishAnswer answer) {
        Ticket one = (Ticket) ticket;
        if (one.answer != null) {
            throw new Broken(one + " is answered twice: " + one.answer + ", " + answer);
        }
        one.answer = answer;
        open.remove(one);
        switch (answer) {
            case WishAnswer.Delivered d -> {
                world.tally.saw("letter delivered");
                if (heard.getOrDefault(one.number, 0) != 1) {
                    throw new Broken(one + " is told as " + d + " and was heard " + heard.getOrDefault(one.number, 0)
                            + " times");
                }
            }
            case WishAnswer.Denied d -> {
                world.tally.saw((one.inventory ? "inventory" : "letter") + " denied " + d.cause());
                if (d.cause() == WishAnswer.Cause.NO_ROOM && heard.containsKey(one.number)) {
                    throw new Broken(one + " is told as " + d + " and was heard");
                }
            }
            case WishAnswer.Inventoried i -> {
                world.tally.saw("inventory told");
                hold(i.inventory());
            }
        }
    }

    private void hold(Inventory told) {
        ExtendedWire wire = host.wire;
        MachineDump truth = wire == null ? null : wire.inventoried;
        last = told;
        if (truth == null || !isAs(told, truth)) {
            throw new Broken("inventory told as " + told + ", in truth: " + truth);
        }
    }

    static boolean isAs(Inventory told, MachineDump truth) {
        Set<Integer> present = truth.cpus().stream()
                .filter(cpu -> cpu.present() && cpu.apicId() >= 0 && cpu.apicId() <= ApicId.MAX)
                .map(MachineDump.CpuDump::apicId)
                .collect(Collectors.toSet());
        List<String> mmio = told.mmio().stream()
                .map(d -> d.window() + ":" + d.irq())
                .sorted()
                .toList();
        return told.cpus().present().stream()
                        .map(ApicId::value)
                        .collect(Collectors.toSet())
                        .equals(present)
                && mmio.equals(truth.mmio().stream().sorted().toList())
                && told.pci().stream().map(Object::toString).toList().equals(truth.pciKnown());
    }

    // ------------------------------------------------------------------ at the guest

    void leaves(EventNotify event) {
        if (!event.epoch().equals(host.epoch)) {
            throw new Broken(event + " of client " + host.epoch);
        }
        lastSequence = Math.max(lastSequence, event.sequence());
    }

    /// @param incarnation of the guest that has heard it
    void arrived(EventNotify event, int incarnation) {
        int number = Integer.parseInt(event.detail().toUtf8());
        if (heard.merge(number, 1, Integer::sum) > 1) {
            throw new Broken("letter " + number + " is heard twice");
        }
        if (event.sequence() <= lastHeard && lastHeardIn == incarnation) {
            throw new Broken(event + " is heard after " + lastHeard);
        }
        lastHeard = event.sequence();
        lastHeardIn = incarnation;
        if (event.sequence() > lastSequence) {
            throw new Broken(event + " was never sent");
        }
        world.tally.saw("letter heard");
    }
}
