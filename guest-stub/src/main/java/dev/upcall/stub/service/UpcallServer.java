package dev.upcall.stub.service;

import dev.upcall.proto.hybrid.ConnectLine;
import dev.upcall.proto.hybrid.MalformedLineException;
import dev.upcall.proto.message.Operation;
import dev.upcall.proto.wire.FrameLayout;
import dev.upcall.proto.wire.ReplyFrame;
import dev.upcall.stub.machine.Completion;
import dev.upcall.stub.machine.GuestMachine;
import dev.upcall.stub.mood.Delivery;
import dev.upcall.stub.mood.Mood;
import dev.upcall.stub.mood.MoodSyntax;
import dev.upcall.stub.mood.Moods;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A guest's upcall port with all its connections, as a pure machine: bytes and times in, orders out.
///
/// ```java
/// var server = new UpcallServer(new GuestMachine(config));
/// long c = server.open(now);
/// server.arrived(c, ByteBuffer.wrap(bytes), now);      // any pieces; or openHybrid and a CONNECT line first
/// for (Output o : server.advance(now)) { … }           // carry out, in order
/// server.wakeAt();                                     // and call advance again then at the latest
/// ```
///
/// Call [#advance] after whatever else was called; calls come in the order of time. `nowNanos` may have any origin.
/// Confined to one thread.
public final class UpcallServer {

    /// As many as a hybrid-vsock multiplexer carries for one VM; more are closed at once.
    public static final int CONNECTIONS_MAX = 1023;

    /// A hybrid client must have said its line by then.
    public static final long CONNECT_LINE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /// How long a multiplexer keeps a connection to a guest that does not take it: 2 s, then it closes.
    public static final long PARKED_NANOS = TimeUnit.SECONDS.toNanos(2);

    /// The first number behind OK; vhost-device-vsock counts on from here.
    static final long FIRST_OK_NUMBER = 1025;

    /// Enough for the line, the service byte and a request that a client sent behind it in one go.
    private static final int HYBRID_RECEIVE_BYTES = 4096;

    private final GuestMachine machine;
    private final ServerObserver observer;
    private final Moods moods = new Moods();
    private final Alarms alarms = new Alarms();
    private final Map<Long, Connection> connections = new LinkedHashMap<>();
    private final List<Output> outputs = new ArrayList<>();
    private long opened;
    private long okNumber = FIRST_OK_NUMBER;
    private long requests;
    private long replies;

    public UpcallServer(GuestMachine machine) {
        this(machine, ServerObserver.NONE);
    }

    public UpcallServer(GuestMachine machine, ServerObserver observer) {
        this.machine = machine;
        this.observer = observer;
    }

    /// The machine behind the port. Its VMM side and its sysfs may be used directly; to reboot it, use [#reboot].
    public GuestMachine machine() {
        return machine;
    }

    // ------------------------------------------------------------------ connections

    /// A stream to the upcall port. Its number; it may be refused at once (a [Output.Close] follows).
    public long open(long now) {
        return open(null, 0, now);
    }

    /// A stream to the VMM's hybrid socket: a `CONNECT <port>` line comes first, and any other port than `port` is
    /// closed.
    public long openHybrid(long port, long now) {
        return open(new ConnectLine(), port, now);
    }

    /// Bytes of a stream, any amount; takes all of them. Those of an unknown connection are dropped.
    public void arrived(long id, ByteBuffer bytes, long now) {
        settle(now);
        Connection connection = connections.get(id);
        if (connection == null) {
            return;
        }
        connection.asked = false;
        if (!connection.arrived(bytes)) {
            reset(connection, "more than " + Connection.UNREAD_BYTES_MAX + " bytes unread");
            return;
        }
        pump(connection, now);
    }

    /// The peer has closed. What the guest is doing for it goes on.
    public void peerClosed(long id, long now) {
        settle(now);
        Connection connection = connections.get(id);
        if (connection != null) {
            connection.peerGone = true;
            pump(connection, now);
        }
    }

    // ------------------------------------------------------------------ moods and the machine's fate

    public void become(Mood mood, long now) {
        settle(now);
        moods.become(mood);
        List.copyOf(connections.values()).forEach(connection -> pump(connection, now));
    }

    public void clearMoods(long now) {
        settle(now);
        moods.clear();
        for (Connection connection : List.copyOf(connections.values())) {
            ServiceStep.Send held = connection.held;
            connection.held = null;
            if (held != null) {
                deliver(connection, held, now);
            }
            pump(connection, now);
        }
    }

    /// The guest boots anew: all connections end abruptly, running operations are forgotten.
    public void reboot(long now) {
        settle(now);
        machine.reboot();
        for (Connection connection : List.copyOf(connections.values())) {
            reset(connection, "guest rebooted");
        }
        observer.rebooted(now);
    }

    // ------------------------------------------------------------------ time

    /// Does what is due at `now` and hands over, in order, what is to be done with the connections.
    public List<Output> advance(long now) {
        settle(now);
        List<Output> all = List.copyOf(outputs);
        outputs.clear();
        return all;
    }

    /// When [#advance] has something to do of itself; empty while only a peer can change anything.
    public OptionalLong wakeAt() {
        OptionalLong ours = alarms.next();
        OptionalLong machines = machine.wakeAt();
        if (ours.isEmpty() || machines.isEmpty()) {
            return ours.isPresent() ? ours : machines;
        }
        return ours.getAsLong() - machines.getAsLong() <= 0 ? ours : machines;
    }

    /// Everything as it is.
    public ServerDump dump() {
        return new ServerDump(
                machine.dump(),
                moods.all().stream().map(MoodSyntax::write).toList(),
                connections.values().stream()
                        .map(c -> new ServerDump.ConnectionDump(c.id, c.where()))
                        .toList(),
                opened,
                requests,
                replies);
    }

    // ------------------------------------------------------------------ how a connection goes on

    /// What was due before `now` comes before what happens at `now`.
    private void settle(long now) {
        for (OptionalLong due = wakeAt(); due.isPresent() && due.getAsLong() - now <= 0; due = wakeAt()) {
            long at = due.getAsLong();
            machine.advance(at).forEach(completion -> completed(completion, at));
            if (alarms.next().isPresent() && alarms.next().getAsLong() - at <= 0) {
                alarms.ringNext();
            }
        }
        machine.advance(now).forEach(completion -> completed(completion, now));
    }

    private long open(@Nullable ConnectLine gate, long port, long now) {
        settle(now);
        long id = ++opened;
        Connection connection = new Connection(id, gate, port, new UpcallService(machine, id));
        connections.put(id, connection);
        observer.opened(id);
        if (connections.size() > CONNECTIONS_MAX) {
            close(connection, "more than " + CONNECTIONS_MAX + " connections");
        } else if (gate == null && moods.refusing()) {
            close(connection, "mood refuse");
        } else if (gate == null) {
            startService(connection, now);
            pump(connection, now);
        } else {
            connection.alarm = alarms.set(now + CONNECT_LINE_NANOS, _ -> close(connection, "no CONNECT line"));
            pump(connection, now);
        }
        return id;
    }

    private void startService(Connection connection, long now) {
        connection.alarm = alarms.set(now + UpcallService.SERVICE_BYTE_NANOS, at -> {
            if (deaf()) {
                startService(connection, at); // a guest that is stopped does not count seconds
            } else {
                step(connection, connection.service.serviceByteOverdue(), at);
            }
        });
    }

    /// Lets the connection read what has arrived, until it has to wait.
    private void pump(Connection connection, long now) {
        while (readable(connection)) {
            int before = connection.unread();
            if (connection.gate != null) {
                readLine(connection, connection.gate, now);
            } else if (connection.service.stage() == UpcallService.Stage.SERVICE_BYTE) {
                readServiceByte(connection, now);
            } else {
                readRequest(connection, now);
            }
            if (connections.get(connection.id) == connection && connection.unread() == before) {
                throw new IllegalStateException("connection " + connection.id + " reads nothing");
            }
        }
        if (connections.get(connection.id) == connection) {
            awaitPeer(connection);
        }
    }

    /// Nothing to read or nobody to read it: ask the driver for more, or bury a connection whose peer has left.
    private void awaitPeer(Connection connection) {
        boolean reads = connection.gate != null ? !connection.parked : connection.service.wants() > 0;
        if (connection.peerGone && (connection.unread() == 0 || !reads)) {
            forget(connection, "peer closed");
        } else if (reads && connection.unread() == 0 && !connection.asked && !deaf()) {
            connection.asked = true;
            int most = connection.gate != null ? HYBRID_RECEIVE_BYTES : connection.service.wants();
            // What is left unread when a UNIX socket closes is what makes its peer see a reset.
            outputs.add(new Output.Receive(connection.id, moods.aboutToReset() && most > 1 ? 1 : most));
        }
    }

    private boolean readable(Connection connection) {
        return connections.get(connection.id) == connection
                && connection.unread() > 0
                && (connection.gate != null ? !connection.parked : !deaf() && connection.service.wants() > 0);
    }

    /// The guest reads nothing now, on any connection.
    private boolean deaf() {
        return moods.silent() || machine.wireCut();
    }

    private void readLine(Connection connection, ConnectLine gate, long now) {
        ByteBuffer front = connection.front(connection.unread());
        OptionalLong port;
        try {
            port = gate.accept(front);
        } catch (MalformedLineException e) {
            close(connection, "malformed CONNECT line");
            return;
        }
        connection.consumed(front.position());
        if (port.isEmpty()) {
            return;
        }
        alarms.cancel(connection.alarm);
        if (port.getAsLong() != connection.port) {
            close(connection, "nobody listens on port " + port.getAsLong());
        } else if (moods.refusing()) {
            close(connection, "mood refuse");
        } else if (moods.parkNanos().isPresent() || machine.wireCut()) {
            connection.parked = true;
            connection.alarm = alarms.set(
                    now + moods.parkNanos().orElse(PARKED_NANOS), _ -> close(connection, "no OK for too long"));
        } else {
            String ok = moods.garbageOk() ? "KO ?\n" : "OK " + okNumber++ + "\n";
            outputs.add(new Output.Send(connection.id, StandardCharsets.US_ASCII.encode(ok)));
            connection.gate = null;
            startService(connection, now);
        }
    }

    private void readServiceByte(Connection connection, long now) {
        byte first = connection.front(1).get();
        connection.consumed(1);
        alarms.cancel(connection.alarm);
        if (moods.withoutService()) {
            close(connection, "mood no-service");
        } else {
            step(connection, connection.service.serviceByte(first, moods.connectType()), now);
        }
    }

    private void readRequest(Connection connection, long now) {
        switch (moods.fateOfRequest()) {
            case RUN -> {
                ByteBuffer front = connection.front(FrameLayout.FRAME_BYTES);
                int length = front.remaining();
                ServiceStep step = connection.service.received(front, now);
                connection.consumed(length);
                requests++;
                observer.requested(connection.id, connection.service.lastRequest(), now);
                if (connection.service.stage() == UpcallService.Stage.CRASHED) {
                    observer.crashed(connection.id, connection.service.lastRequest(), now);
                }
                step(connection, step, now);
            }
            case RESET_CONNECTION -> reset(connection, "mood reset");
            case REBOOT_GUEST -> reboot(now);
        }
    }

    private void completed(Completion completion, long now) {
        Connection connection = connections.get(completion.connection());
        if (connection == null || connection.service.stage() != UpcallService.Stage.WORKING) {
            return;
        }
        ServiceStep step = connection.service.completed(completion.answer());
        if (completion.answer().isEmpty()) {
            observer.crashed(connection.id, connection.service.lastRequest(), now);
        }
        step(connection, step, now);
        pump(connection, now);
    }

    private void step(Connection connection, ServiceStep step, long now) {
        switch (step) {
            case ServiceStep.Wait _ -> {}
            case ServiceStep.Close c -> close(connection, c.why());
            case ServiceStep.Send send -> {
                if (!send.greeting()) {
                    replies++;
                    observer.answered(connection.id, ReplyFrame.read(send.frame(), 0), now);
                }
                if (machine.wireCut()) {
                    return;
                }
                if (moods.silent()) {
                    connection.held = send;
                } else {
                    deliver(connection, send, now);
                }
            }
        }
    }

    // ------------------------------------------------------------------ how a frame leaves

    private void deliver(Connection connection, ServiceStep.Send send, long now) {
        Optional<Operation> operation =
                Operation.ofMsgType(connection.service.lastRequest().msgType());
        Delivery delivery = moods.deliver(operation, send.greeting());
        int[] ends = new int[delivery.pieces().size()];
        for (int i = 0; i < ends.length; i++) {
            ends[i] = delivery.pieces().get(i) + (i == 0 ? 0 : ends[i - 1]);
        }
        long at = now + delivery.delayNanos();
        for (int i = 0; i < ends.length; i++) {
            int start = i == 0 ? 0 : ends[i - 1];
            ByteBuffer piece = send.frame().slice(start, ends[i] - start);
            at(connection, at, now, () -> outputs.add(new Output.Send(connection.id, piece)));
            at += i == ends.length - 1 ? 0 : delivery.gapNanos();
        }
        long last = at;
        at(connection, last, now, () -> {
            if (delivery.thenClose()) {
                close(connection, "mood cut");
            } else {
                connection.service.sent();
                if (last != now) {
                    pump(connection, last);
                }
            }
        });
    }

    /// Now or later, if the connection is still there then.
    private void at(Connection connection, long at, long now, Runnable action) {
        if (at == now) {
            action.run();
            return;
        }
        alarms.set(at, _ -> {
            if (connections.get(connection.id) == connection) {
                action.run();
            }
        });
    }

    private void close(Connection connection, String why) {
        outputs.add(new Output.Close(connection.id, why));
        forget(connection, why);
    }

    private void reset(Connection connection, String why) {
        outputs.add(new Output.Reset(connection.id, why));
        forget(connection, why);
    }

    private void forget(Connection connection, String why) {
        if (connections.remove(connection.id) != null) {
            alarms.cancel(connection.alarm);
            observer.closed(connection.id, why);
        }
    }
}
