package dev.upcall.proto.vsock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.virtqueue.DescriptorChain;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// A host's side that does anything a host may do, at random, and checks that what it is ordered makes
/// sense: bytes only of streams that live, never more than may be held, each stream ended once.
final class FickleHost implements HostSide {

    private static final class Socket {
        int fromGuest;
        int toGuest;
        boolean open;
        boolean gone;
        boolean ended;
        boolean reading;
        boolean deaf;
    }

    private final Map<Connection, Socket> live = new LinkedHashMap<>();
    final Map<CloseReason, Integer> ends = new LinkedHashMap<>();
    final Map<PacketFault, Integer> faults = new LinkedHashMap<>();
    private final byte[] bytes = new byte[VsockRules.BUFFER_BYTES];
    private final Random random;
    private @Nullable Connection over;

    int streams() {
        return live.size();
    }

    FickleHost(Random random) {
        this.random = random;
    }

    /// One thing that a host does.
    void act(Multiplexer mux, long now) {
        if (random.nextInt(8) == 0) {
            mux.connect(random.nextInt(4), now).ifPresent(c -> live.put(c, new Socket()));
        }
        late(mux, now);
        if (live.isEmpty()) {
            return;
        }
        List<Connection> all = new ArrayList<>(live.keySet());
        Connection c = all.get(random.nextInt(all.size()));
        Socket socket = socket(c);
        switch (random.nextInt(7)) {
            case 0 -> mux.dialled(c);
            case 1 -> mux.dialRefused(c);
            case 2, 3 -> {
                if (!socket.gone && !socket.ended && !socket.deaf && (socket.reading || !socket.open)) {
                    int count = random.nextInt(c.readLimit() + 1);
                    socket.toGuest += count;
                    mux.hostBytes(c, count);
                }
            }
            case 4 -> {
                int count = random.nextInt(socket.fromGuest + 1);
                socket.fromGuest -= count;
                mux.hostTook(c, count);
            }
            case 5 -> {
                socket.ended = true;
                mux.hostEnded(c, now);
            }
            default -> {
                if (random.nextInt(4) == 0) {
                    socket.gone = true;
                    socket.fromGuest = 0;
                    mux.hostGone(c, now);
                }
            }
        }
        assertThat(live).hasSize(mux.size());
    }

    /// Facts about a stream that is over, from a socket that had not noticed yet: an order about it would
    /// fail.
    private void late(Multiplexer mux, long now) {
        if (over == null) {
            return;
        }
        switch (random.nextInt(5)) {
            case 0 -> mux.hostGone(over, now);
            case 1 -> mux.hostEnded(over, now);
            case 2 -> mux.hostBytes(over, 0);
            case 3 -> mux.hostTook(over, 0);
            default -> mux.dialled(over);
        }
    }

    @Override
    public void dial(Connection connection) {
        assertThat(live.put(connection, new Socket())).isNull();
    }

    @Override
    public void sayOpen(Connection connection) {
        Socket socket = socket(connection);
        assertThat(socket.open).isFalse();
        socket.open = true;
    }

    @Override
    public void read(Connection connection, boolean wanted) {
        Socket socket = socket(connection);
        assertThat(socket.reading).isEqualTo(!wanted);
        socket.reading = wanted;
        socket.open = true;
    }

    @Override
    public void fromGuest(Connection connection, DescriptorChain chain, int from, int count) {
        Socket socket = socket(connection);
        chain.read(from, bytes, 0, count);
        assertThat(socket.gone).isFalse();
        socket.fromGuest += count;
        assertThat(socket.fromGuest).isLessThanOrEqualTo(VsockRules.BUFFER_BYTES);
    }

    @Override
    public void toGuest(Connection connection, DescriptorChain chain, int from, int count) {
        Socket socket = socket(connection);
        chain.write(from, bytes, 0, count);
        socket.toGuest -= count;
        assertThat(socket.toGuest).isNotNegative();
    }

    @Override
    public void endHost(Connection connection) {
        assertThat(socket(connection).gone).isFalse();
    }

    @Override
    public void refuseHost(Connection connection) {
        Socket socket = socket(connection);
        socket.deaf = true;
        socket.reading = false;
        socket.toGuest = 0;
    }

    @Override
    public void ended(Connection connection, CloseReason why, String detail) {
        assertThat(live.remove(connection)).as("%s", connection).isNotNull();
        assertThat(detail.isEmpty()).as(detail).isEqualTo(why != CloseReason.MISBEHAVED);
        ends.merge(why, 1, Integer::sum);
        over = connection;
    }

    @Override
    public void refused(PacketHeader header, PacketFault why) {
        faults.merge(why, 1, Integer::sum);
    }

    private Socket socket(Connection connection) {
        Socket socket = live.get(connection);
        if (socket == null) {
            throw new AssertionError("an order about a stream that is over: " + connection);
        }
        return socket;
    }
}
