package dev.upcall.proto.vsock;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// All streams of one guest, as a pure machine: packets of the guest and facts of the host in, packets
/// for the guest and [HostOrders] out. It decides on headers; the bytes of the data never come here.
///
/// What does not go away by itself is bounded: streams by [VsockRules#streamsMax], their bytes by
/// [VsockRules#bufferBytes], resets by `OwedResets`. A packet costs no allocation. Facts about a stream
/// that is over change nothing. Times are nanoseconds on the driver's clock, which starts near 0 and
/// never goes back. Confined to the device's thread.
public final class Multiplexer {

    /// Host ports of host programs are counted up from here, so that none is used again soon: a late RST
    /// of an old stream must not hit a new one.
    static final int FIRST_PORT = 1 << 30;

    private final VsockRules rules;
    private final HostOrders orders;
    private final ConnectionTable table = new ConnectionTable();
    private final OwedResets resets = new OwedResets();
    private @Nullable Connection firstOwing;
    private @Nullable Connection lastOwing;
    private int nextPort = FIRST_PORT;
    private long earliest = Connection.NEVER;
    private boolean up;
    private boolean inside;

    public Multiplexer(VsockRules rules, HostOrders orders) {
        this.rules = rules;
        this.orders = orders;
    }

    // ------------------------------------------------------------------------------------------ the host's side

    /// A host program asks for a port of the guest. What it sent behind its CONNECT line is told by
    /// [#hostBytes].
    ///
    /// @param guestPort u32
    /// @return its stream, or empty when there are as many as there may be: close without a word
    public Optional<Connection> connect(int guestPort, long now) {
        enter();
        try {
            if (table.size() >= rules.streamsMax()) {
                return Optional.empty();
            }
            Connection c = Connection.connecting(rules, orders, freePort(guestPort), guestPort, now);
            table.add(c);
            settle(c);
            return Optional.of(c);
        } finally {
            inside = false;
        }
    }

    /// The host's side of a stream that the guest asked for is there.
    public void dialled(Connection connection) {
        enter();
        try {
            connection.dialled();
            settle(connection);
        } finally {
            inside = false;
        }
    }

    /// Nobody listens on that host port.
    public void dialRefused(Connection connection) {
        enter();
        try {
            connection.dialRefused();
            settle(connection);
        } finally {
            inside = false;
        }
    }

    /// `count` more bytes are held for the guest, at most [Connection#readLimit].
    public void hostBytes(Connection connection, int count) {
        enter();
        try {
            connection.hostBytes(count);
            settle(connection);
        } finally {
            inside = false;
        }
    }

    /// `count` of the bytes that are held for the host have left.
    public void hostTook(Connection connection, int count) {
        enter();
        try {
            connection.hostTook(count);
            settle(connection);
        } finally {
            inside = false;
        }
    }

    /// End of stream: the host's side sends no more, but may still receive.
    public void hostEnded(Connection connection, long now) {
        enter();
        try {
            connection.hostEnded(now);
            settle(connection);
        } finally {
            inside = false;
        }
    }

    /// The host's side is gone, both ways. What is held for the guest still goes there.
    public void hostGone(Connection connection, long now) {
        enter();
        try {
            connection.hostGone(now);
            settle(connection);
        } finally {
            inside = false;
        }
    }

    // ------------------------------------------------------------------------------------------ the guest's side

    /// The rings run: packets may go to the guest.
    public void ringsStarted() {
        up = true;
    }

    /// They do not, for now.
    public void ringsStopped() {
        up = false;
    }

    /// The guest knows none of its streams any more. Host programs whose REQUEST it has not been sent go
    /// on waiting.
    public void forgetStreams() {
        endAll(CloseReason.GUEST_FORGOT, true);
        resets.clear();
    }

    /// The device is closed.
    public void close() {
        endAll(CloseReason.DEVICE_CLOSED, false);
        resets.clear();
        up = false;
    }

    /// A packet of the guest.
    ///
    /// @param header the device's own copy of it
    /// @param load how many bytes lie behind the header
    /// @return the stream that is to take `header.len` bytes; null for none
    public @Nullable Connection packetArrived(PacketHeader header, int load, long now) {
        enter();
        try {
            PacketOp op = PacketOp.of(header.op());
            if (header.srcCid() != rules.cid() || header.dstCid() != VsockRules.HOST_CID) {
                return refuse(op, header, PacketFault.WRONG_CID);
            }
            if (header.type() != PacketHeader.TYPE_STREAM) {
                return refuse(op, header, PacketFault.WRONG_TYPE);
            }
            Connection c = table.find(header.dstPort(), header.srcPort());
            if (c == null) {
                return op == PacketOp.REQUEST ? requested(header, now) : refuse(op, header, PacketFault.UNKNOWN_STREAM);
            }
            boolean data = c.heard(op, header, load, now);
            settle(c);
            return data ? c : null;
        } finally {
            inside = false;
        }
    }

    /// Whether a packet for the guest is owed and the rings run.
    public boolean hasPackets() {
        return up && (!resets.isEmpty() || owing() != null);
    }

    /// Fills `header` with the next packet for the guest; [#hasPackets] was true.
    ///
    /// @param room how many bytes of data fit behind it, 1 or more
    /// @return the stream that is to give `header.len` bytes; null for none
    public @Nullable Connection nextPacket(PacketHeader header, int room, long now) {
        enter();
        try {
            if (!resets.isEmpty()) {
                resets.next(header, rules.cid());
                return null;
            }
            Connection c = owing();
            if (c == null || room < 1) {
                throw new IllegalStateException("no packet is owed, or no room for it: " + room);
            }
            int count = c.next(header, room, now);
            if (!c.hasMoreData()) {
                takeFirst();
            }
            settle(c);
            return count > 0 ? c : null;
        } finally {
            inside = false;
        }
    }

    // ------------------------------------------------------------------------------------------ time

    /// When [#timePassed] is due at the latest, or `Long.MAX_VALUE` for never. It may be early: a
    /// deadline that was met is noticed when it would have passed.
    public long nextDeadline() {
        return earliest;
    }

    /// Deadlines may have passed.
    public void timePassed(long now) {
        if (now < earliest) {
            return;
        }
        enter();
        try {
            earliest = Connection.NEVER;
            for (Connection c : table.all()) {
                if (now >= c.deadline) {
                    c.timePassed(now);
                }
                settle(c);
            }
        } finally {
            inside = false;
        }
    }

    /// How many streams there are, in all states.
    public int size() {
        return table.size();
    }

    /// How many RST packets were not sent because the guest took none.
    public long droppedResets() {
        return resets.dropped();
    }

    // ------------------------------------------------------------------------------------------ within

    private @Nullable Connection requested(PacketHeader header, long now) {
        if (table.size() >= rules.streamsMax()) {
            return refuse(PacketOp.REQUEST, header, PacketFault.STREAMS_FULL);
        }
        Connection c = Connection.dialling(rules, orders, header, now);
        table.add(c);
        settle(c);
        return null;
    }

    /// A RST is never answered by one.
    private @Nullable Connection refuse(@Nullable PacketOp op, PacketHeader header, PacketFault why) {
        if (op != PacketOp.RST) {
            resets.add(header.dstCid(), header.dstPort(), header.srcPort(), header.type());
            orders.refused(header, why);
        }
        return null;
    }

    /// What follows from a connection's new state: it leaves, or it stands in line with what it owes.
    private void settle(Connection c) {
        if (c.state == StreamState.CLOSED) {
            leave(c);
            return;
        }
        earliest = Math.min(earliest, c.deadline);
        if (!c.isOwing && c.owes()) {
            c.isOwing = true;
            if (lastOwing == null) {
                firstOwing = c;
            } else {
                lastOwing.nextOwing = c;
            }
            lastOwing = c;
        }
    }

    private void leave(Connection c) {
        if (table.find(c.hostPort(), c.guestPort()) != c) {
            return;
        }
        table.remove(c);
        if (c.isResetOwed()) {
            resets.add(VsockRules.HOST_CID, c.hostPort(), c.guestPort(), PacketHeader.TYPE_STREAM);
        }
        orders.ended(c, c.reason(), c.detail());
    }

    private void endAll(CloseReason why, boolean keepUnheard) {
        enter();
        try {
            for (Connection c : table.all()) {
                if (!keepUnheard || c.isKnownToGuest()) {
                    c.ended(why);
                    settle(c);
                }
            }
        } finally {
            inside = false;
        }
    }

    /// The first in line that still owes something.
    private @Nullable Connection owing() {
        Connection c = firstOwing;
        while (c != null && !c.owes()) {
            takeFirst();
            c = firstOwing;
        }
        return c;
    }

    private void takeFirst() {
        Connection c = firstOwing;
        if (c != null) {
            firstOwing = c.nextOwing;
            lastOwing = firstOwing == null ? null : lastOwing;
            c.nextOwing = null;
            c.isOwing = false;
        }
    }

    /// Ports that are in use with this guest port are passed over; there are fewer streams than ports.
    private int freePort(int guestPort) {
        int port;
        do {
            port = nextPort;
            nextPort = port == Integer.MAX_VALUE ? FIRST_PORT : port + 1;
        } while (table.find(port, guestPort) != null);
        return port;
    }

    private void enter() {
        if (inside) {
            throw new IllegalStateException(
                    "an order must not report an event: write it down and report it afterwards");
        }
        inside = true;
    }
}
