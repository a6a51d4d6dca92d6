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
import dev.upcall.proto.message.Operation;
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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// An extended guest over a real UNIX socket: the protocol's own `ExtensionService`, and operations that always
/// succeed.
final class ExtendedGuest implements AutoCloseable {

    /// The service's time moves in such steps, in milliseconds.
    private static final long TICK = 20;

    final List<EventNotify> heard = new CopyOnWriteArrayList<>();
    private final ScriptedGuest wire;
    private final ExtensionService service = new ExtensionService(new GuestIdentity(
            new Epoch(0x6001), new BootId(1, 2), "x86_64", "test", Set.of(Operation.ADD_MMIO), Features.ALL));
    private final Map<ScriptedGuest.Connection, Long> ids = new LinkedHashMap<>();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private long connections;

    private ExtendedGuest(Path path) throws IOException {
        wire = ScriptedGuest.extendedBehindHybrid(path, this::serve);
        var _ = clock.scheduleAtFixedRate(this::tick, TICK, TICK, TimeUnit.MILLISECONDS);
    }

    static ExtendedGuest behindHybrid(Path path) throws IOException {
        return new ExtendedGuest(path);
    }

    synchronized void raise(EventKind kind) {
        List<ServiceOrder> orders = new ArrayList<>();
        if (kind.isTerminal()) {
            service.leave(kind, now(), now(), orders);
        } else {
            service.raise(kind, DeviceReference.NONE, Bytes.EMPTY, now(), orders);
        }
        obey(orders);
    }

    synchronized void cut() throws IOException {
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
        long id = ids.computeIfAbsent(connection, _ -> {
            service.connected(++connections);
            return connections;
        });
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
                    service.executed(o.client(), o.requestId(), new Reply.Answer(0, OptionalInt.empty()), more);
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

    private Inventory inventory() {
        Set<ApicId> boot = Set.of(ApicId.BOOT);
        CpuInventory cpus = new CpuInventory(boot, boot, List.of(), ApicId.BOOT);
        return new Inventory(
                new Epoch(0x6001),
                service.changes(),
                service.running(),
                cpus,
                service.connections(),
                List.of(),
                List.of());
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
