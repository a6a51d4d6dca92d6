package dev.upcall.stub.service;

import dev.upcall.proto.extension.BootId;
import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.ExtensionType;
import dev.upcall.proto.extension.InventoryPage;
import dev.upcall.proto.extension.inventory.InventoryPager;
import dev.upcall.proto.extension.service.ExtensionService;
import dev.upcall.proto.extension.service.GuestIdentity;
import dev.upcall.proto.extension.service.ServiceOrder;
import dev.upcall.proto.guest.CpuModel;
import dev.upcall.proto.message.Operation;
import dev.upcall.proto.wire.ExtensionFrame;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.FrameLayout;
import dev.upcall.stub.agent.AgentClock;
import dev.upcall.stub.agent.AgentNews;
import dev.upcall.stub.agent.Extensions;
import dev.upcall.stub.agent.InventoryOf;
import dev.upcall.stub.agent.OnceExecutions;
import dev.upcall.stub.kernel.ExecutionCounts;
import dev.upcall.stub.machine.Answer;
import dev.upcall.stub.machine.Errno;
import dev.upcall.stub.machine.Machine;
import dev.upcall.stub.observe.AgentDump;
import dev.upcall.stub.observe.ServerObserver;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// What an extended guest has and a stock one has not: drives the pure [ExtensionService] over all
/// connections, and carries its orders out on the machine and the streams.
///
/// One for the life of the server; its service is a new one for every guest epoch.
final class GuestAgent {

    private final Extensions config;
    private final Machine machine;
    private final OpenConnections connections;
    private final AgentWriter writer;
    private final ServerObserver observer;
    private final OnceExecutions executions;
    private final AgentNews news;
    private final AgentClock clock = new AgentClock();
    private BootId bootId;
    private ExtensionService service;
    private long acknowledged;
    private boolean leaving;

    GuestAgent(
            Extensions config,
            Machine machine,
            ExecutionCounts counts,
            OpenConnections connections,
            FrameSender sender,
            ServerObserver observer,
            Pump pump) {
        this.config = config;
        this.machine = machine;
        this.connections = connections;
        this.writer = new AgentWriter(connections, sender, observer, pump);
        this.observer = observer;
        this.executions = new OnceExecutions(machine, counts, UpcallServer.CONNECTIONS_MAX);
        this.news = new AgentNews();
        this.bootId = newBootId(config, machine);
        this.service = new ExtensionService(identity(config, machine, bootId));
        machine.watch(news::changed);
    }

    // ------------------------------------------------------------------ lives

    /// Another epoch: tables and events are lost. Its connections have ended before.
    ///
    /// @param booted another boot id too
    void restart(boolean booted) {
        bootId = booted ? newBootId(config, machine) : bootId;
        service = new ExtensionService(identity(config, machine, bootId));
        executions.forget();
        news.forget();
        acknowledged = 0;
        leaving = false;
    }

    /// Says a terminal event; the service closes its connections once it is acknowledged, or after 500 ms.
    void leave(EventKind kind, long now) {
        List<ServiceOrder> orders = new ArrayList<>();
        leaving = true;
        service.leave(kind, clock.of(now), clock.of(now), orders);
        carryOut(orders, now);
    }

    // ------------------------------------------------------------------ connections

    /// The connection's CONNECT frame is on its way.
    void connected(Connection connection) {
        connection.known = true;
        service.connected(connection.id);
    }

    void closed(long connection, long now) {
        List<ServiceOrder> orders = new ArrayList<>();
        service.closed(connection, clock.of(now), orders);
        carryOut(orders, now);
    }

    boolean isOpened(Connection connection) {
        return service.isOpened(connection.id);
    }

    /// False when it must not be begun.
    boolean plainRequest(Connection connection) {
        connection.fresh = false;
        return service.plainRequest(connection.id);
    }

    /// The beginning of a HANDSHAKE is the first thing on this connection: it is read when it is whole.
    /// A host hands it to its transport in one write, but what lies between may cut it, and halves of
    /// it would be two requests.
    boolean awaitsRest(Connection connection, ByteBuffer chunk) {
        return connection.fresh
                && connection.known
                && chunk.remaining() < FrameLayout.FRAME_BYTES
                && isExtension(chunk)
                && FrameHeader.read(chunk, 0).msgType() == ExtensionType.HANDSHAKE.msgType()
                && (FrameHeader.read(chunk, 0).msgFlags() & FrameLayout.FLAG_NOTIFICATION) == 0;
    }

    /// One recv of a connection that is not opened. False when it is the kernel's affair.
    boolean takesFirst(Connection connection, ByteBuffer chunk, long now) {
        if (!isExtension(chunk)) {
            return false;
        }
        ByteBuffer whole = ByteBuffer.allocate(FrameLayout.FRAME_BYTES);
        whole.put(0, chunk, 0, chunk.remaining());
        boolean taken = received(connection, ExtensionFrame.readFromHost(whole, 0), now);
        if (taken) {
            connection.consumed(chunk.remaining());
        }
        return taken;
    }

    /// False when the kernel shall serve it, and the connection from now on.
    boolean received(Connection connection, ExtensionFrame frame, long now) {
        if (!frame.notification()) {
            connection.busy = true;
            connection.operation = Optional.empty();
        }
        List<ServiceOrder> orders = new ArrayList<>();
        service.received(connection.id, frame, clock.of(now), orders);
        if (orders.contains(new ServiceOrder.AsStock(connection.id))) {
            connection.busy = false;
            return false;
        }
        carryOut(orders, now);
        long seen = service.acknowledgedEvents();
        if (seen > acknowledged) {
            observer.eventsAcknowledged(seen - acknowledged);
            acknowledged = seen;
        }
        return true;
    }

    // ------------------------------------------------------------------ what happens in the guest

    /// An execution of [OnceExecutions] has ended.
    void executed(long name, Optional<Answer> answer, long now) {
        OnceExecutions.Ended ended = executions.ended(name, answer);
        if (ended != null) {
            observer.ended(ended.client(), ended.requestId(), ended.answer().result());
            List<ServiceOrder> orders = new ArrayList<>();
            service.executed(ended.client(), ended.requestId(), ended.answer(), orders);
            carryOut(orders, now);
        }
    }

    /// Tells what has changed in the machine since the last time.
    void raiseChanges(long now) {
        List<ServiceOrder> orders = new ArrayList<>();
        raiseChanges(orders, now);
        carryOut(orders, now);
    }

    /// A user event, at most 512 bytes. False when it can neither be sent nor wait.
    boolean user(Bytes detail, long now) {
        if (leaving) {
            return false; // its terminal event was its last
        }
        List<ServiceOrder> orders = new ArrayList<>();
        boolean taken = news.user(service, detail, clock.of(now), orders);
        carryOut(orders, now);
        return taken;
    }

    /// A kernel event that is no change of the machine; one that leaves tells nothing more.
    void raise(EventKind kind, DeviceReference device, long now) {
        List<ServiceOrder> orders = new ArrayList<>();
        news.raise(service, kind, device, leaving, clock.of(now), orders);
        carryOut(orders, now);
    }

    void timePassed(long now) {
        List<ServiceOrder> orders = new ArrayList<>();
        service.timePassed(clock.of(now), orders);
        carryOut(orders, now);
    }

    /// When [#timePassed] must be called at the latest.
    OptionalLong wakeAt() {
        return clock.back(service.nextDeadline());
    }

    AgentDump dump() {
        return news.dump(service, leaving);
    }

    // ------------------------------------------------------------------ orders

    private void raiseChanges(List<ServiceOrder> orders, long now) {
        if (news.hasChanges()) {
            news.raiseChanges(service, leaving, clock.of(now), orders);
        }
    }

    /// Orders that follow from an order are carried out behind all that were there.
    private void carryOut(List<ServiceOrder> orders, long now) {
        for (int i = 0; i < orders.size(); i++) {
            switch (orders.get(i)) {
                case ServiceOrder.Send o -> writer.send(o.connection(), o.message(), now);
                case ServiceOrder.Refuse o -> writer.refuse(o.connection(), o.msgType(), o.result(), now);
                case ServiceOrder.AsStock _ -> throw new IllegalStateException("a stock request has come too late");
                case ServiceOrder.Close o -> writer.end(o.connection(), o.why(), now);
                case ServiceOrder.Execute o -> execute(o, orders, now);
                case ServiceOrder.ShowInventory o -> show(o, now);
                case ServiceOrder.Deliver o -> {
                    news.heard(o.event());
                    observer.heard(o.client(), o.event());
                }
                case ServiceOrder.Gap o -> news.missed(o.last() - o.first() + 1);
                case ServiceOrder.RoomForUser _ -> news.room(service, clock.of(now), orders);
            }
        }
    }

    private void execute(ServiceOrder.Execute order, List<ServiceOrder> orders, long now) {
        Connection connection = connections.get(order.connection());
        if (connection != null) {
            connection.operation = Operation.ofMsgType(order.msgType());
        }
        observer.executed(order.connection(), order.msgType());
        observer.begun(order.client(), order.requestId());
        OnceExecutions.Ended ended = executions.begin(order, now);
        raiseChanges(orders, now);
        if (ended != null) {
            observer.ended(ended.client(), ended.requestId(), ended.answer().result());
            service.executed(ended.client(), ended.requestId(), ended.answer(), orders);
        }
    }

    private void show(ServiceOrder.ShowInventory order, long now) {
        Optional<InventoryPage> page = InventoryPager.page(
                InventoryOf.guest(machine.contents(), machine.cpuModel() != CpuModel.COUNT, service), order.token());
        if (page.isPresent()) {
            observer.shown(order.connection());
            writer.send(order.connection(), page.get(), now);
        } else {
            writer.refuse(order.connection(), ExtensionType.INVENTORY.msgType(), Errno.EINVAL, now);
        }
    }

    private static boolean isExtension(ByteBuffer chunk) {
        return chunk.remaining() >= FrameLayout.HEADER_BYTES
                && FrameHeader.read(chunk, 0).magic() == FrameLayout.MAGIC
                && ExtensionFrame.is(FrameHeader.read(chunk, 0));
    }

    private static GuestIdentity identity(Extensions config, Machine machine, BootId bootId) {
        long epoch = config.random().getAsLong();
        while (epoch == 0) {
            epoch = config.random().getAsLong();
        }
        return new GuestIdentity(
                new Epoch(epoch),
                bootId,
                machine.architecture(),
                config.product(),
                machine.operations(),
                config.features());
    }

    /// The kernel's own, or one made up.
    private static BootId newBootId(Extensions config, Machine machine) {
        return machine.bootId()
                .map(id -> new BootId(id.getMostSignificantBits(), id.getLeastSignificantBits()))
                .orElseGet(() ->
                        new BootId(config.random().getAsLong(), config.random().getAsLong()));
    }
}
