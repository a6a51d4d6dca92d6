package dev.upcall.stub.service;

import dev.upcall.proto.hybrid.ConnectLine;
import dev.upcall.stub.kernel.ExecutionCounts;
import dev.upcall.stub.kernel.UpcallService;
import dev.upcall.stub.machine.Machine;
import dev.upcall.stub.mood.Moods;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// At the guest's port: lets streams in, and hands the bytes of each to the one that reads it now, as
/// soon as it wants them.
final class Reception {

    /// A hybrid client must have said its line by then.
    private static final long CONNECT_LINE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /// What is swallowed of a connection that nobody reads, at most so much at a time.
    private static final int SWALLOWED_BYTES = 4096;

    private final Machine machine;
    private final ExecutionCounts counts;
    private final Moods moods;
    private final OpenConnections connections;
    private final FrameSender sender;
    private final HybridGate gate;
    private final KernelReader kernel;
    private final @Nullable FrameReader frames;
    private long opened;

    /// @param frames reads opened connections; null for a stock guest
    Reception(
            Machine machine,
            ExecutionCounts counts,
            Moods moods,
            OpenConnections connections,
            FrameSender sender,
            KernelReader kernel,
            @Nullable FrameReader frames) {
        this.machine = machine;
        this.counts = counts;
        this.moods = moods;
        this.connections = connections;
        this.sender = sender;
        this.gate = new HybridGate(connections, moods, machine, kernel);
        this.kernel = kernel;
        this.frames = frames;
    }

    /// How many streams there ever were.
    long opened() {
        return opened;
    }

    /// @param line the CONNECT line that comes first, null when none does
    /// @param served false when nobody is there any more
    long open(@Nullable ConnectLine line, long port, boolean served, long now) {
        long id = ++opened;
        Connection connection = new Connection(id, line, port, new UpcallService(machine, id, counts));
        connections.add(connection);
        if (!served) {
            connections.close(connection, "nobody is there");
        } else if (connections.size() > UpcallServer.CONNECTIONS_MAX) {
            connections.close(connection, "more than " + UpcallServer.CONNECTIONS_MAX + " connections");
        } else if (moods.blackHole()) {
            lose(connection);
        } else if (line == null && moods.refusing()) {
            connections.close(connection, "mood refuse");
        } else if (line == null) {
            kernel.admit(connection, now);
        } else {
            connection.alarm = connections
                    .alarms()
                    .set(now + CONNECT_LINE_NANOS, _ -> connections.close(connection, "no CONNECT line"));
        }
        pump(connection, now);
        return id;
    }

    void arrived(long id, ByteBuffer bytes, long now) {
        Connection connection = connections.get(id);
        if (connection == null) {
            return;
        }
        connection.asked = false;
        if (swallows(connection)) {
            bytes.position(bytes.limit());
        } else if (!connection.arrived(bytes)) {
            connections.reset(connection, "more than " + Connection.UNREAD_BYTES_MAX + " bytes unread");
            return;
        }
        pump(connection, now);
    }

    void peerClosed(long id, long now) {
        Connection connection = connections.get(id);
        if (connection != null) {
            connection.peerGone = true;
            pump(connection, now);
        }
    }

    void moodsChanged(long now) {
        if (moods.blackHole()) {
            connections.all().forEach(this::lose);
        }
        connections.all().forEach(connection -> pump(connection, now));
    }

    /// The guest may not be silent any more: what was held leaves, what has arrived is read.
    void thaw(long now) {
        for (Connection connection : connections.all()) {
            sender.thaw(connection, now);
            pump(connection, now);
        }
    }

    /// Lets the connection read what has arrived, until it has to wait.
    void pump(Connection connection, long now) {
        if (connection.pumping) {
            return;
        }
        connection.pumping = true;
        while (connections.has(connection)
                && !swallows(connection)
                && readerOf(connection).ready(connection)) {
            int before = connection.unread();
            readerOf(connection).read(connection, now);
            if (connections.has(connection) && connection.unread() == before) {
                throw new IllegalStateException("connection " + connection.id + " reads nothing");
            }
        }
        connection.pumping = false;
        if (connections.has(connection)) {
            awaitPeer(connection);
        }
    }

    /// Nothing to read or nobody to read it: ask the driver for more, or bury a connection whose peer has
    /// left.
    private void awaitPeer(Connection connection) {
        Reader reader = readerOf(connection);
        boolean swallows = swallows(connection);
        boolean hears = swallows || connection.gate != null || !(moods.silent() || machine.wireCut());
        int most = swallows ? SWALLOWED_BYTES : reader.wants(connection);
        if (connection.peerGone && (swallows || !reader.owes(connection))) {
            connections.forget(connection, "peer closed");
        } else if (most > 0 && hears && !connection.asked) {
            connection.asked = true;
            boolean meanwhile = swallows || reader.wantsMeanwhile();
            // What is left unread when a UNIX socket closes is what makes its peer see a reset.
            boolean leavesSome = moods.aboutToReset() && most > 1 && !meanwhile;
            connections.output(new Output.Receive(connection.id, leavesSome ? 1 : most, meanwhile));
        }
    }

    private Reader readerOf(Connection connection) {
        if (connection.gate != null) {
            return gate;
        }
        return frames != null && frames.reads(connection) ? frames : kernel;
    }

    /// What it still says concerns nobody; only its end does.
    private static boolean swallows(Connection connection) {
        return connection.lost || connection.ending != null;
    }

    private void lose(Connection connection) {
        connection.lost = true;
        connections.alarms().cancel(connection.alarm);
    }
}
