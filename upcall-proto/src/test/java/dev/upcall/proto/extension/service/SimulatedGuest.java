package dev.upcall.proto.extension.service;

import static dev.upcall.proto.extension.service.SimulatedTime.MS;

import dev.upcall.proto.extension.BootId;
import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.CpuInventory;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.ExtensionType;
import dev.upcall.proto.extension.ExtensionWriter;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.Handshake;
import dev.upcall.proto.extension.Refusal;
import dev.upcall.proto.extension.inventory.Inventory;
import dev.upcall.proto.extension.inventory.InventoryPager;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Reply;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.message.RequestReader;
import dev.upcall.proto.wire.ExtensionFrame;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/// A guest with PCI functions, and the truth about it. Adding what is there fails and so does removing what
/// is not: a request that is carried out twice shows.
final class SimulatedGuest {

    /// What was carried out, by request id of the one client that is watched.
    final Map<Long, Integer> results = new HashMap<>();

    /// Kinds of all events, by guest epoch and sequence.
    final Map<Epoch, Map<Long, EventKind>> raised = new HashMap<>();

    /// What the guest's application heard, by guest epoch.
    final Map<Epoch, List<Long>> heard = new HashMap<>();

    final Set<PciFunction> devices = new TreeSet<>();
    final Epoch watched;
    ExtensionService service;
    int restarts;
    int waits;

    private final SimulatedTime time;
    private final Map<Long, SimulatedWire> wires = new HashMap<>();
    private final List<Runnable> held = new ArrayList<>();
    private long boot = 1;
    private long life;
    private long changes;
    private int running;
    private boolean paused;
    private long sequence = 1;
    private long connections;

    SimulatedGuest(SimulatedTime time, Epoch watched) {
        this.time = time;
        this.watched = watched;
        this.service = begin();
    }

    // ------------------------------------------------------------------ what is done to it

    SimulatedWire connect(java.util.function.Consumer<byte[]> toClient) {
        long id = ++connections;
        ExtensionService accepting = service;
        SimulatedWire wire =
                new SimulatedWire(id, time, frame -> whenAwake(() -> received(accepting, id, frame)), toClient);
        wires.put(id, wire);
        accepting.connected(id);
        return wire;
    }

    /// The guest's end of a connection notices that the other one is gone.
    void noticed(SimulatedWire wire) {
        whenAwake(() -> {
            if (wires.remove(wire.id) != null) {
                carryOut(service, orders -> service.closed(wire.id, time.now, orders));
            }
        });
    }

    void pause(long nanos) {
        if (!paused) {
            paused = true;
            time.in(nanos, () -> {
                paused = false;
                List<Runnable> all = List.copyOf(held);
                held.clear();
                all.forEach(Runnable::run);
            });
        }
    }

    /// The agent restarts, or with it the kernel: then the devices are gone and what ran is too.
    void restart(boolean kernel) {
        restarts++;
        if (kernel) {
            boot++;
            devices.clear();
            running = 0;
        }
        List.copyOf(wires.values()).forEach(SimulatedWire::cut);
        wires.clear();
        held.clear();
        service = begin();
    }

    /// So many other clients come and go that epochs are evicted.
    void flood() {
        for (int i = 0; i < ClientSlots.SLOTS_MAX; i++) {
            SimulatedWire wire = connect(_ -> {});
            Epoch other = new Epoch(time.random.nextLong() | 1L << 62);
            received(service, wire.id, ExtensionWriter.toBytes(Handshake.Open.first(Features.NONE, other)));
            wires.remove(wire.id);
            carryOut(service, orders -> service.closed(wire.id, time.now, orders));
        }
    }

    void happens() {
        boolean user = time.random.nextBoolean();
        carryOut(service, orders -> {
            boolean told = true;
            if (user) {
                told = service.offerUser(DeviceReference.NONE, Bytes.utf8("u"), time.now, time.now, orders);
            } else {
                service.raise(EventKind.CONFIG_CHANGED, DeviceReference.NONE, Bytes.EMPTY, time.now, orders);
            }
            if (told) {
                note(user ? EventKind.USER : EventKind.CONFIG_CHANGED);
            }
        });
    }

    Epoch epoch() {
        return service.identity().guestEpoch();
    }

    /// What this event of the present life is; empty for one that was never raised.
    Optional<EventKind> kindOf(long number) {
        return Optional.ofNullable(raised.getOrDefault(epoch(), Map.of()).get(number));
    }

    long lastEvent() {
        return sequence - 1;
    }

    // ------------------------------------------------------------------ what it does

    private ExtensionService begin() {
        life++;
        sequence = 1;
        Epoch epoch = new Epoch(life << 8 | 0xE);
        return new ExtensionService(
                new GuestIdentity(epoch, new BootId(7, boot), "x86_64", "simulated", Set.of(), Features.ALL));
    }

    private void received(ExtensionService by, long connection, byte[] frame) {
        if (by == service && wires.containsKey(connection)) {
            int before = service.running();
            carryOut(
                    service,
                    orders -> service.received(
                            connection, ExtensionFrame.readFromHost(ByteBuffer.wrap(frame), 0), time.now, orders));
            waits += frame[8] == 4 && before == service.running() && before > 0 ? 1 : 0;
        }
    }

    private void whenAwake(Runnable what) {
        if (paused) {
            held.add(what);
        } else {
            what.run();
        }
    }

    private void carryOut(ExtensionService by, java.util.function.Consumer<List<ServiceOrder>> fact) {
        List<ServiceOrder> orders = new ArrayList<>();
        fact.accept(orders);
        for (ServiceOrder order : orders) {
            switch (order) {
                case ServiceOrder.Send o -> send(o.connection(), ExtensionWriter.toBytes(o.message()));
                case ServiceOrder.Refuse o -> {
                    byte[] frame = new byte[1024];
                    ExtensionWriter.writeRefusal(o.msgType(), o.result(), ByteBuffer.wrap(frame), 0);
                    send(o.connection(), frame);
                }
                case ServiceOrder.Close o -> throw new AssertionError("closed " + o);
                case ServiceOrder.AsStock o -> throw new AssertionError("as stock " + o);
                case ServiceOrder.Execute o -> execute(by, o);
                case ServiceOrder.ShowInventory o ->
                    send(
                            o.connection(),
                            ExtensionWriter.toBytes(InventoryPager.page(inventory(), o.token())
                                    .<dev.upcall.proto.extension.ExtensionReply>map(p -> p)
                                    .orElseGet(() -> new Refusal(ExtensionType.INVENTORY, -22))));
                case ServiceOrder.Deliver o ->
                    heard.computeIfAbsent(epoch(), _ -> new ArrayList<>())
                            .add(o.event().sequence());
                case ServiceOrder.Gap _, ServiceOrder.RoomForUser _ -> {}
            }
        }
        long deadline = by.nextDeadline();
        if (by == service && deadline != Long.MAX_VALUE) {
            time.at(deadline, () -> {
                if (by == service && by.nextDeadline() <= time.now) {
                    carryOut(by, more -> by.timePassed(time.now, more));
                }
            });
        }
    }

    private void send(long connection, byte[] frame) {
        SimulatedWire wire = wires.get(connection);
        if (wire != null) {
            wire.toClient(frame);
        }
    }

    private void execute(ExtensionService by, ServiceOrder.Execute order) {
        Request request = ((RequestReader.Whole)
                        RequestReader.read(order.msgType(), order.load().toArray(), false))
                .request();
        running++;
        changes++;
        long sameBoot = boot;
        time.in(time.random.nextLong(300 * MS), () -> {
            if (sameBoot == boot) {
                running--;
                changes++;
                int result = run(request);
                if (results.putIfAbsent(order.requestId(), result) != null) {
                    throw new AssertionError("request " + order.requestId() + " was carried out twice");
                }
                if (by == service) {
                    carryOut(by, orders -> {
                        service.raise(EventKind.DEVICE_ADDED, DeviceReference.NONE, Bytes.EMPTY, time.now, orders);
                        note(EventKind.DEVICE_ADDED);
                        service.executed(
                                order.client(),
                                order.requestId(),
                                new Reply.Answer(result, OptionalInt.empty()),
                                orders);
                    });
                }
            }
        });
    }

    private int run(Request request) {
        return switch (request) {
            case Request.AddPci r -> devices.add(r.function()) ? 0 : -17;
            case Request.DelPci r -> devices.remove(r.function()) ? 0 : -19;
            default -> throw new AssertionError(request);
        };
    }

    private Inventory inventory() {
        Set<ApicId> boots = Set.of(ApicId.BOOT);
        return new Inventory(
                epoch(),
                changes + service.changes(),
                running,
                new CpuInventory(boots, boots, List.of(), ApicId.BOOT),
                service.connections(),
                List.of(),
                List.copyOf(devices));
    }

    private void note(EventKind kind) {
        raised.computeIfAbsent(epoch(), _ -> new HashMap<>()).put(sequence++, kind);
    }
}
