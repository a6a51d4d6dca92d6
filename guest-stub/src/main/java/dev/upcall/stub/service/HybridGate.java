package dev.upcall.stub.service;

import dev.upcall.proto.hybrid.ConnectLine;
import dev.upcall.proto.hybrid.MalformedLineException;
import dev.upcall.stub.machine.Machine;
import dev.upcall.stub.mood.Moods;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/// Reads the CONNECT line of connections to the VMM's hybrid socket, and lets in those that name the
/// guest's port.
final class HybridGate implements Reader {

    /// How long a multiplexer keeps a connection to a guest that does not take it: 2 s, then it closes.
    private static final long PARKED_NANOS = TimeUnit.SECONDS.toNanos(2);

    /// The first number behind OK; vhost-device-vsock counts on from here.
    private static final long FIRST_OK_NUMBER = 1025;

    /// Enough for the line, the service byte and a request that a client sent behind it in one go.
    private static final int RECEIVE_BYTES = 4096;

    private final OpenConnections connections;
    private final Moods moods;
    private final Machine machine;
    private final KernelReader behind;
    private long okNumber = FIRST_OK_NUMBER;

    HybridGate(OpenConnections connections, Moods moods, Machine machine, KernelReader behind) {
        this.connections = connections;
        this.moods = moods;
        this.machine = machine;
        this.behind = behind;
    }

    @Override
    public int wants(Connection connection) {
        return connection.parked ? 0 : RECEIVE_BYTES;
    }

    @Override
    public boolean wantsMeanwhile() {
        return false;
    }

    @Override
    public boolean ready(Connection connection) {
        return connection.unread() > 0 && !connection.parked;
    }

    @Override
    public boolean owes(Connection connection) {
        return false;
    }

    @Override
    public void read(Connection connection, long now) {
        ByteBuffer front = connection.front(connection.unread());
        OptionalLong port;
        try {
            port = gateOf(connection).accept(front);
        } catch (MalformedLineException e) {
            connections.close(connection, "malformed CONNECT line");
            return;
        }
        connection.consumed(front.position());
        if (port.isEmpty()) {
            return;
        }
        connections.alarms().cancel(connection.alarm);
        if (port.getAsLong() != connection.port) {
            connections.close(connection, "nobody listens on port " + port.getAsLong());
        } else if (moods.refusing()) {
            connections.close(connection, "mood refuse");
        } else if (moods.parkNanos().isPresent() || machine.wireCut()) {
            connection.parked = true;
            connection.alarm = connections
                    .alarms()
                    .set(
                            now + moods.parkNanos().orElse(PARKED_NANOS),
                            _ -> connections.close(connection, "no OK for too long"));
        } else {
            String ok = moods.garbageOk() ? "KO ?\n" : "OK " + okNumber++ + "\n";
            connections.output(new Output.Send(connection.id, StandardCharsets.US_ASCII.encode(ok)));
            connection.gate = null;
            behind.admit(connection, now);
        }
    }

    private static ConnectLine gateOf(Connection connection) {
        if (connection.gate == null) {
            throw new IllegalStateException("connection " + connection.id + " has said its line");
        }
        return connection.gate;
    }
}
