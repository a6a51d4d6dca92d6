package dev.upcall.proto.vsock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A multiplexer played step by step: the test says what guest and host do, and reads orders and packets
/// as words.
///
/// Time stands still until the test moves it.
class Stage implements HostOrders {

    static final long CID = 3;
    static final int PORT = 219;
    static final int ROOM = 3732;

    /// What the guest's packets say it can take.
    int guestAllowance = 262_144;

    int guestForwarded;
    final List<String> orders = new ArrayList<>();
    final List<Connection> dialled = new ArrayList<>();
    final Multiplexer mux;
    final PacketHeader header = new PacketHeader();
    long now;

    Stage(VsockRules rules) {
        mux = new Multiplexer(rules, this);
        mux.ringsStarted();
    }

    static Stage set() {
        return new Stage(VsockRules.of(CID));
    }

    // ---------------------------------------------------------------------- streams in each state, all packets sent

    Connection connecting() {
        Connection c = mux.connect(PORT, now).orElseThrow();
        assertThat(packets()).containsExactly("REQUEST");
        return in(StreamState.CONNECTING, c);
    }

    Connection dialling() {
        guestSays(PacketOp.REQUEST, 52, 1000);
        return in(StreamState.DIALLING, dialled.getLast());
    }

    Connection open() {
        Connection c = connecting();
        says(c, PacketOp.RESPONSE);
        return in(StreamState.OPEN, c);
    }

    Connection hostEnded() {
        Connection c = open();
        mux.hostEnded(c, now);
        assertThat(packets()).containsExactly("SHUTDOWN 2");
        return in(StreamState.HOST_ENDED, c);
    }

    Connection guestEnded() {
        Connection c = open();
        shutsDown(c, 2);
        return in(StreamState.GUEST_ENDED, c);
    }

    Connection closing() {
        Connection c = open();
        mux.hostGone(c, now);
        assertThat(packets()).containsExactly("SHUTDOWN 3");
        return in(StreamState.CLOSING, c);
    }

    private Connection in(StreamState state, Connection c) {
        assertThat(c.state()).isEqualTo(state);
        orders.clear();
        return c;
    }

    // ------------------------------------------------------------------------------------------- what the guest says

    /// @return how many bytes are to be taken
    int says(Connection c, PacketOp op) {
        return says(c, op.code(), 0, 0, 0);
    }

    int shutsDown(Connection c, int flags) {
        return says(c, PacketOp.SHUTDOWN.code(), flags, 0, 0);
    }

    int sends(Connection c, int count) {
        return says(c, PacketOp.RW.code(), 0, count, count);
    }

    int says(Connection c, int op, int flags, int len, int load) {
        return arrives(header.from(CID, c.guestPort()).to(2, c.hostPort()).says(1, op, flags, len), load);
    }

    void guestSays(PacketOp op, int hostPort, int guestPort) {
        arrives(header.from(CID, guestPort).to(2, hostPort).says(1, op.code(), 0, 0), 0);
    }

    int arrives(PacketHeader packet, int load) {
        packet.credits(guestAllowance, guestForwarded);
        @Nullable Connection taker = mux.packetArrived(packet, load, now);
        return taker == null ? 0 : packet.len();
    }

    // ------------------------------------------------------------------------------------------- what the guest gets

    /// All packets that are owed, as words: `RW 1024`, `SHUTDOWN 3`, `RST`.
    List<String> packets() {
        return packets(ROOM, 1000);
    }

    List<String> packets(int room, int most) {
        List<String> packets = new ArrayList<>();
        while (mux.hasPackets() && packets.size() < most) {
            mux.nextPacket(header, room, now);
            PacketOp op = PacketOp.of(header.op());
            packets.add(op
                    + (header.len() > 0 ? " " + header.len() : "")
                    + (header.flags() > 0 ? " " + header.flags() : ""));
        }
        return packets;
    }

    /// Bytes the host wrote and the driver holds.
    Stage hostWrites(Connection c, int count) {
        mux.hostBytes(c, count);
        return this;
    }

    Stage passes(Duration time) {
        now += time.toNanos();
        mux.timePassed(now);
        return this;
    }

    List<String> ordered() {
        List<String> copy = List.copyOf(orders);
        orders.clear();
        return copy;
    }

    // ------------------------------------------------------------------------------------------- orders

    @Override
    public void dial(Connection connection) {
        dialled.add(connection);
        orders.add("dial");
    }

    @Override
    public void sayOpen(Connection connection) {
        orders.add("OK");
    }

    @Override
    public void read(Connection connection, boolean wanted) {
        orders.add(wanted ? "read" : "pause");
    }

    @Override
    public void endHost(Connection connection) {
        orders.add("end host");
    }

    @Override
    public void refuseHost(Connection connection) {
        orders.add("refuse host");
    }

    @Override
    public void ended(Connection connection, CloseReason why, String detail) {
        orders.add(why.name());
    }

    @Override
    public void refused(PacketHeader packet, PacketFault why) {
        orders.add(why.name());
    }
}
