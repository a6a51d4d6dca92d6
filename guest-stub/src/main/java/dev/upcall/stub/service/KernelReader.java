package dev.upcall.stub.service;

import dev.upcall.proto.extension.ExtensionType;
import dev.upcall.proto.message.Operation;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.FrameLayout;
import dev.upcall.proto.wire.ReplyFrame;
import dev.upcall.stub.kernel.ServiceStep;
import dev.upcall.stub.kernel.UpcallService;
import dev.upcall.stub.machine.Completion;
import dev.upcall.stub.machine.Machine;
import dev.upcall.stub.mood.Ending;
import dev.upcall.stub.mood.FrameKind;
import dev.upcall.stub.mood.Moods;
import dev.upcall.stub.mood.RequestFate;
import dev.upcall.stub.observe.ServerObserver;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads as shipped kernels do: the service byte, then requests, each one recv of at most 1024 bytes.
/// On an extended guest the agent looks at each first.
final class KernelReader implements Reader {

    private final OpenConnections connections;
    private final Moods moods;
    private final Machine machine;
    private final FrameSender sender;
    private final FrameSender.Fate fate;
    private final ServerObserver observer;
    private final Pump pump;
    private final @Nullable GuestAgent agent;
    private long requests;
    private long replies;

    KernelReader(
            OpenConnections connections,
            Moods moods,
            Machine machine,
            FrameSender sender,
            FrameSender.Fate fate,
            ServerObserver observer,
            Pump pump,
            @Nullable GuestAgent agent) {
        this.connections = connections;
        this.moods = moods;
        this.machine = machine;
        this.sender = sender;
        this.fate = fate;
        this.observer = observer;
        this.pump = pump;
        this.agent = agent;
    }

    long requests() {
        return requests;
    }

    long replies() {
        return replies;
    }

    /// The stream is with the guest now: its service byte is awaited.
    void admit(Connection connection, long now) {
        connection.alarm = connections.alarms().set(now + UpcallService.SERVICE_BYTE_NANOS, at -> {
            if (moods.silent() || machine.wireCut()) {
                admit(connection, at); // a guest that is stopped does not count seconds
            } else {
                step(connection, connection.service.serviceByteOverdue(), at);
            }
        });
    }

    @Override
    public int wants(Connection connection) {
        if (connection.unread() > 0) {
            return awaitsRest(connection) ? FrameLayout.FRAME_BYTES - connection.unread() : 0;
        }
        return connection.busy ? 0 : connection.service.wants();
    }

    @Override
    public boolean wantsMeanwhile() {
        return false;
    }

    @Override
    public boolean ready(Connection connection) {
        return connection.unread() > 0 && owes(connection) && !moods.silent() && !machine.wireCut();
    }

    @Override
    public boolean owes(Connection connection) {
        return connection.unread() > 0 && !connection.busy && connection.service.wants() > 0 && !awaitsRest(connection);
    }

    @Override
    public void read(Connection connection, long now) {
        if (connection.service.stage() == UpcallService.Stage.SERVICE_BYTE) {
            readServiceByte(connection, now);
        } else if (agent == null || !agent.takesFirst(connection, connection.front(FrameLayout.FRAME_BYTES), now)) {
            readRequest(connection, now);
        }
    }

    /// One recv, whatever it is.
    void readRequest(Connection connection, long now) {
        ByteBuffer front = connection.front(FrameLayout.FRAME_BYTES);
        int length = front.remaining();
        if (agent != null && !agent.plainRequest(connection)) {
            connection.consumed(length); // a guest that leaves begins nothing
            return;
        }
        switch (isHandshake(front) ? RequestFate.RUN : moods.fateOfRequest()) {
            case RUN -> {
                ServiceStep step = connection.service.received(front, now);
                connection.consumed(length);
                requests++;
                observer.requested(connection.id, connection.service.lastRequest(), now);
                if (connection.service.stage() == UpcallService.Stage.CRASHED) {
                    crashed(connection, now);
                }
                if (agent != null) {
                    agent.raiseChanges(now);
                }
                step(connection, step, now);
            }
            case RESET_CONNECTION -> connections.reset(connection, "mood reset");
            case REBOOT_GUEST -> fate.comes(Ending.REBOOTS, now);
        }
    }

    /// The machine has come to an end with this connection's request.
    void completed(Connection connection, Completion completion, long now) {
        if (connection.service.stage() != UpcallService.Stage.WORKING) {
            return;
        }
        ServiceStep step = connection.service.completed(completion.answer());
        if (completion.answer().isEmpty()) {
            crashed(connection, now);
        }
        step(connection, step, now);
    }

    private void crashed(Connection connection, long now) {
        // What an opened connection still says is swallowed, so that its end is noticed.
        connection.lost = agent != null && agent.isOpened(connection);
        observer.crashed(connection.id, connection.service.lastRequest(), now);
    }

    private void readServiceByte(Connection connection, long now) {
        byte first = connection.front(1).get();
        connection.consumed(1);
        connections.alarms().cancel(connection.alarm);
        if (moods.withoutService()) {
            connections.close(connection, "mood no-service");
            return;
        }
        ServiceStep step = connection.service.serviceByte(first, moods.connectType());
        if (agent != null && connection.service.stage() != UpcallService.Stage.CLOSED) {
            agent.connected(connection);
        }
        step(connection, step, now);
    }

    private void step(Connection connection, ServiceStep step, long now) {
        switch (step) {
            case ServiceStep.Wait _ -> {}
            case ServiceStep.Close c -> connections.close(connection, c.why());
            case ServiceStep.Send send -> {
                if (!send.greeting()) {
                    replies++;
                    observer.answered(connection.id, ReplyFrame.read(send.frame(), 0), now);
                }
                Optional<Operation> operation =
                        Operation.ofMsgType(connection.service.lastRequest().msgType());
                FrameKind kind = send.greeting()
                        ? FrameKind.GREETING
                        : isHandshake(connection.service.lastRequest()) ? FrameKind.ANSWER : FrameKind.REPLY;
                sender.send(
                        connection,
                        new Outgoing(send.frame(), kind, operation, at -> {
                            connection.service.sent();
                            pump.pump(connection, at);
                        }),
                        now);
            }
        }
    }

    /// A host that asks a stock kernel whether it is an extended guest has not come to its request yet: moods that wait
    /// for an operation shall not be used up.
    private static boolean isHandshake(ByteBuffer front) {
        return front.remaining() >= FrameLayout.HEADER_BYTES && isHandshake(FrameHeader.read(front, front.position()));
    }

    private static boolean isHandshake(FrameHeader header) {
        return header.magic() == FrameLayout.MAGIC && header.msgType() == ExtensionType.HANDSHAKE.msgType();
    }

    private boolean awaitsRest(Connection connection) {
        return agent != null && agent.awaitsRest(connection, connection.front(FrameLayout.FRAME_BYTES));
    }
}
