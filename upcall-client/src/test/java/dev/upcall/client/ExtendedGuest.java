package dev.upcall.client;

import dev.upcall.proto.extension.BootId;
import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.CpuInventory;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.ExtensionWriter;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.inventory.Inventory;
import dev.upcall.proto.extension.inventory.InventoryPager;
import dev.upcall.proto.extension.service.ExtensionService;
import dev.upcall.proto.extension.service.GuestIdentity;
import dev.upcall.proto.extension.service.ServiceOrder;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.Operation;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Reply;
import dev.upcall.proto.wire.ExtensionFrame;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.FrameLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// An extended guest over a real UNIX socket: the protocol's own `ExtensionService`, CPUs that come and go, and devices
/// that are always taken.
///
/// Beginning with the boot CPU alone. A CPU that is there already is −17, the removal of one that is not −22.
public final class ExtendedGuest implements AutoCloseable {

    /// The service's time moves in such steps, in milliseconds.
    private static final long TICK = 20;

    final List<EventNotify> heard = new CopyOnWriteArrayList<>();
    private final List<String> carriedOut = new CopyOnWriteArrayList<>();
    private final Set<ApicId> present = new TreeSet<>(Set.of(ApicId.BOOT));
    private final Features features;
    private final ScriptedGuest wire;
    private ExtensionService service;
    private long epoch = 0x6001;
    private final Map<ScriptedGuest.Connection, Long> ids = new LinkedHashMap<>();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private long connections;

    private ExtendedGuest(Path path, Features features) throws IOException {
        this.features = features;
        service = life();
        wire = ScriptedGuest.extendedBehindHybrid(path, this::serve);
        var _ = clock.scheduleAtFixedRate(this::tick, TICK, TICK, TimeUnit.MILLISECONDS);
    }

    public static ExtendedGuest behindHybrid(Path path) throws IOException {
        return behindHybrid(path, Features.ALL);
    }

    public static ExtendedGuest behindHybrid(Path path, Features features) throws IOException {
        return new ExtendedGuest(path, features);
    }

    /// The VMM gave it these CPUs beside the boot CPU.
    public synchronized ExtendedGuest having(int... apicIds) {
        for (int id : apicIds) {
            present.add(new ApicId(id));
        }
        return this;
    }

    /// What it was told by hosts, as text.
    public List<String> heard() {
        return heard.stream().map(event -> event.detail().toUtf8()).toList();
    }

    /// The hot-plug operations that reached it, in order, such as `ADD_CPU 2`.
    public List<String> carriedOut() {
        return carriedOut;
    }

    /// Another life of its agent in the same boot: nothing of the earlier one is known.
    public synchronized void restart() throws IOException {
        epoch++;
        ids.clear();
        service = life();
        wire.cut();
    }

    private ExtensionService life() {
        return new ExtensionService(new GuestIdentity(
                new Epoch(epoch), new BootId(1, 2), "x86_64", "test", Set.of(Operation.ADD_MMIO), features));
    }

    public synchronized void raise(EventKind kind) {
        List<ServiceOrder> orders = new ArrayList<>();
        if (kind.isTerminal()) {
            service.leave(kind, now(), now(), orders);
        } else {
            service.raise(kind, DeviceReference.NONE, Bytes.EMPTY, now(), orders);
        }
        obey(orders);
    }

    public synchronized void cut() throws IOException {
        ids.values().forEach(id -> service.closed(id, now(), new ArrayList<>()));
        ids.clear();
        wire.cut();
    }

    @Override
    public void close() throws IOException {
        clock.close();
        wire.close();
    }

    private synchronized void serve(ScriptedGuest.Connection connection, FrameHeader header, ByteBuffer frame) {
        if (!connection.isOpen()) {
            return; // cut while this frame was on its way here: it may not bring its connection back
        }
        long id = ids.computeIfAbsent(connection, _ -> {
            service.connected(++connections);
            return connections;
        });
        if (!ExtensionFrame.is(header)) {
            plain(id, connection, header, frame);
            return;
        }
        List<ServiceOrder> orders = new ArrayList<>();
        service.received(id, ExtensionFrame.readFromHost(frame, 0), now(), orders);
        obey(orders);
    }

    private synchronized void tick() {
        List<ServiceOrder> orders = new ArrayList<>();
        service.timePassed(now(), orders);
        obey(orders);
    }

    private void obey(List<ServiceOrder> orders) {
        for (ServiceOrder order : orders) {
            switch (order) {
                case ServiceOrder.Send o -> write(o.connection(), ExtensionWriter.toBytes(o.message()));
                case ServiceOrder.Refuse o -> {
                    ByteBuffer frame =
                            ByteBuffer.allocate(FrameLayout.FRAME_BYTES).order(ByteOrder.LITTLE_ENDIAN);
                    ExtensionWriter.writeRefusal(o.msgType(), o.result(), frame, 0);
                    write(o.connection(), frame.array());
                }
                case ServiceOrder.Execute o -> {
                    List<ServiceOrder> more = new ArrayList<>();
                    service.executed(
                            o.client(),
                            o.requestId(),
                            answer(o.msgType(), o.load().toArray()),
                            more);
                    obey(more);
                }
                case ServiceOrder.ShowInventory o ->
                    write(
                            o.connection(),
                            ExtensionWriter.toBytes(
                                    InventoryPager.page(inventory(), o.token()).orElseThrow()));
                case ServiceOrder.Deliver o -> heard.add(o.event());
                case ServiceOrder.Close o -> end(o.connection());
                case ServiceOrder.AsStock _, ServiceOrder.Gap _, ServiceOrder.RoomForUser _ -> {}
            }
        }
    }

    private void plain(long id, ScriptedGuest.Connection connection, FrameHeader header, ByteBuffer frame) {
        service.plainRequest(id);
        byte[] load = new byte[header.msgSize()];
        frame.get(FrameLayout.REQUEST_LOAD_OFFSET, load);
        Reply.Answer answer = answer(header.msgType(), load);
        try {
            int word = answer.word().orElse(0);
            connection.reply(header.msgType(), answer.word().isPresent() ? 4 : 0, answer.result(), word);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Of a CPU request its one id counts: byte 2 of the load.
    private Reply.Answer answer(int msgType, byte[] load) {
        Operation operation = Operation.ofMsgType(msgType).orElseThrow();
        if (!operation.isCpu()) {
            carriedOut.add(operation.name());
            return new Reply.Answer(0, OptionalInt.empty());
        }
        ApicId cpu = new ApicId(Byte.toUnsignedInt(load[2]));
        carriedOut.add(operation + " " + cpu);
        boolean add = operation == Operation.ADD_CPU;
        boolean changed = add ? present.add(cpu) : present.remove(cpu);
        return changed
                ? new Reply.Answer(0, OptionalInt.of(cpu.value()))
                : new Reply.Answer(add ? -17 : -22, OptionalInt.empty());
    }

    private Inventory inventory() {
        CpuInventory cpus = new CpuInventory(present, present, List.copyOf(present), ApicId.BOOT);
        return new Inventory(
                new Epoch(epoch),
                service.changes(),
                service.running(),
                cpus,
                service.connections(),
                List.of(MmioDevice.of(0xd000_0000L, 0x1000, 5)),
                List.of(PciFunction.parse("00:04.0")));
    }

    private void write(long id, byte[] bytes) {
        of(id).forEach(connection -> {
            try {
                connection.write(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private void end(long id) {
        of(id).forEach(connection -> {
            try {
                connection.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private List<ScriptedGuest.Connection> of(long id) {
        return ids.entrySet().stream()
                .filter(entry -> entry.getValue() == id)
                .map(Map.Entry::getKey)
                .toList();
    }

    private static long now() {
        return System.nanoTime();
    }
}
