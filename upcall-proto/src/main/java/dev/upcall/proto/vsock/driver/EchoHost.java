package dev.upcall.proto.vsock.driver;

import dev.upcall.proto.virtqueue.DescriptorChain;
import dev.upcall.proto.vsock.CloseReason;
import dev.upcall.proto.vsock.Connection;
import dev.upcall.proto.vsock.HostSide;
import dev.upcall.proto.vsock.Multiplexer;
import dev.upcall.proto.vsock.PacketFault;
import dev.upcall.proto.vsock.PacketHeader;
import dev.upcall.proto.vsock.VsockRules;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// A host's side that accepts every dial and sends back what it gets, through one buffer for each stream
/// and without allocating anything for a packet. What it has to report it reports between two turns of
/// the device. Confined to the device's thread.
public final class EchoHost implements HostSide {

    /// The bytes of one stream, held between guest and guest.
    private static final class Held {
        final byte[] bytes = new byte[VsockRules.BUFFER_BYTES];
        int count;
        int took;
    }

    private final Queue<Connection> dialled = new ArrayDeque<>();
    private final Queue<Connection> echoing = new ArrayDeque<>();
    private int streams;
    private int opened;
    private int refused;
    private @Nullable CloseReason lastReason;
    private String lastDetail = "";

    /// How many streams there are.
    public int streams() {
        return streams;
    }

    /// How often OK was to be said.
    public int opened() {
        return opened;
    }

    /// How many packets were answered with RST.
    public int refused() {
        return refused;
    }

    /// Why the stream that ended last has ended; null before.
    public @Nullable CloseReason lastReason() {
        return lastReason;
    }

    /// What was said about it.
    public String lastDetail() {
        return lastDetail;
    }

    /// Reports what happened since; packets may be owed then.
    ///
    /// @return false when there was nothing
    public boolean report(Multiplexer mux) {
        boolean did = !dialled.isEmpty() || !echoing.isEmpty();
        for (Connection c = dialled.poll(); c != null; c = dialled.poll()) {
            mux.dialled(c);
        }
        for (Connection c = echoing.poll(); c != null; c = echoing.poll()) {
            Held held = held(c);
            int took = held.took;
            held.took = 0;
            mux.hostTook(c, took);
            mux.hostBytes(c, took);
        }
        return did;
    }

    @Override
    public void dial(Connection connection) {
        streams++;
        connection.attach(new Held());
        dialled.add(connection);
    }

    @Override
    public void fromGuest(Connection connection, DescriptorChain chain, int from, int count) {
        Held held = held(connection);
        chain.read(from, held.bytes, held.count, count);
        held.count += count;
        if (held.took == 0) {
            echoing.add(connection);
        }
        held.took += count;
    }

    @Override
    public void toGuest(Connection connection, DescriptorChain chain, int from, int count) {
        Held held = held(connection);
        chain.write(from, held.bytes, 0, count);
        System.arraycopy(held.bytes, count, held.bytes, 0, held.count - count);
        held.count -= count;
    }

    @Override
    public void sayOpen(Connection connection) {
        opened++;
    }

    @Override
    public void ended(Connection connection, CloseReason why, String detail) {
        streams--;
        lastReason = why;
        lastDetail = detail;
        dialled.remove(connection);
        echoing.remove(connection);
    }

    @Override
    public void refused(PacketHeader header, PacketFault why) {
        refused++;
    }

    @Override
    public void read(Connection connection, boolean wanted) {}

    @Override
    public void endHost(Connection connection) {}

    @Override
    public void refuseHost(Connection connection) {}

    private static Held held(Connection connection) {
        if (connection.attachment() instanceof Held held) {
            return held;
        }
        Held fresh = new Held();
        connection.attach(fresh);
        return fresh;
    }
}
