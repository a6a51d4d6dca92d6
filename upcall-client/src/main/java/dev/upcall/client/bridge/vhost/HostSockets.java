package dev.upcall.client.bridge.vhost;

import dev.upcall.client.bridge.BridgeObserver.Direction;
import dev.upcall.client.bridge.vhost.DeviceCounters.Kind;
import dev.upcall.client.posix.Epoll;
import dev.upcall.client.posix.Fd;
import dev.upcall.client.posix.PosixException;
import dev.upcall.client.posix.UnixSockets;
import dev.upcall.proto.virtqueue.DescriptorChain;
import dev.upcall.proto.vsock.CloseReason;
import dev.upcall.proto.vsock.Connection;
import dev.upcall.proto.vsock.HostSide;
import dev.upcall.proto.vsock.Multiplexer;
import dev.upcall.proto.vsock.PacketFault;
import dev.upcall.proto.vsock.PacketHeader;
import dev.upcall.proto.vsock.StreamState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The host's side of all streams of one guest: carries the orders of the vsock machine out on UNIX
/// sockets, and tells it what happens to them. Confined to the device's thread.
///
/// An order must not report an event: what follows from one is written down (`due`) and reported by
/// [#work].
final class HostSockets implements HostSide, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HostSockets.class);

    /// How long the last bytes of a stream that is over may take to be read without any being read.
    private static final long DRAIN_NANOS = 60_000_000_000L;

    private final VsockOptions options;
    private final Readiness readiness;
    private final Callers callers;
    private final DeviceCounters counters;
    private final BufferPool pool;
    private final UnixSockets sockets = new UnixSockets();
    private final Set<HostStream> streams = new LinkedHashSet<>();
    private final ArrayDeque<HostStream> due = new ArrayDeque<>();
    private final ArrayDeque<HostStream> draining = new ArrayDeque<>();
    private final VsockObserver observer;
    private Multiplexer machine;

    HostSockets(VsockOptions options, VsockObserver observer, Readiness readiness, DeviceCounters counters)
            throws IOException {
        this.options = options;
        this.observer = observer;
        this.readiness = readiness;
        this.counters = counters;
        this.pool = new BufferPool(options.rules().bufferBytes());
        this.machine = new Multiplexer(options.rules(), this); // until the device's own is known
        this.callers = new Callers(options, readiness, sockets, this);
    }

    void machine(Multiplexer multiplexer) {
        machine = multiplexer;
    }

    // ------------------------------------------------------------------------------------------ what is to be done

    /// True when [#work] has something to do.
    boolean hasWork() {
        return !due.isEmpty() || callers.isReady();
    }

    /// Reports what happened to sockets since the last time. Each stream has one turn.
    void work(long now) {
        callers.accept(now);
        for (int i = due.size(); i > 0; i--) {
            HostStream stream = due.remove();
            stream.due = false;
            step(stream, now);
        }
    }

    /// When [#timePassed] is due, or `Long.MAX_VALUE`.
    long nextDeadline() {
        long next = callers.nextDeadline();
        return draining.isEmpty() ? next : Math.min(next, draining.peek().deadline);
    }

    void timePassed(long now) {
        callers.timePassed(now);
        // In the order of their deadlines: one that was put off has gone to the end.
        for (HostStream s = draining.peek(); s != null && (!holds(s) || now >= s.deadline); s = draining.peek()) {
            draining.remove();
            if (holds(s)) {
                close(s);
            }
        }
    }

    // ------------------------------------------------------------------------------------------ facts

    void ready(HostStream s, int events) {
        s.halfClosed |= (events & (Epoll.RDHUP | Epoll.HUP | Epoll.ERR)) != 0;
        s.hungUp |= (events & (Epoll.HUP | Epoll.ERR)) != 0;
        s.readable |= (events & Epoll.IN) != 0 || s.halfClosed;
        if ((events & Epoll.OUT) != 0 && s.forHost.count() > 0) {
            flush(s);
        }
        if (s.readable) {
            due(s);
        }
    }

    private void step(HostStream s, long now) {
        Connection c = s.connection;
        if (s.dialDue) {
            s.dialDue = false;
            dialNow(s);
            return;
        }
        if (s.fd == null) {
            return;
        }
        if (c == null) {
            if (s.draining) {
                drainOn(s, now);
            } else {
                callers.readLine(s, now);
            }
            return;
        }
        if (s.hungUp && (s.refused || s.atEnd || c.state() == StreamState.CONNECTING)) {
            gone(s, c, now);
            return;
        }
        read(s, c, now);
    }

    /// Reads until nothing is there or nothing more may be held. A stream that has much to say gets
    /// another turn.
    private void read(HostStream s, Connection c, long now) {
        while (s.wanted && s.readable && !s.atEnd && s.fd != null) {
            int most = Math.min(c.readLimit(), s.forGuest.roomInRow());
            if (most == 0) {
                return;
            }
            int count = sockets.receive(s.fd, s.forGuest.memory(), s.forGuest.tail(), most);
            if (count > 0) {
                s.forGuest.added(count);
                s.toGuest += count;
                s.readable = count == most || s.halfClosed;
                machine.hostBytes(c, count);
                continue;
            }
            s.forGuest.added(0);
            if (count == UnixSockets.WOULD_BLOCK) {
                s.readable = false;
            } else if (count == 0 && !s.hungUp && !s.deaf) {
                s.atEnd = true;
                machine.hostEnded(c, now);
            } else {
                gone(s, c, now);
            }
        }
    }

    // ------------------------------------------------------------------------------------------ for [Callers]

    boolean isFull() {
        return streams.size() >= options.rules().streamsMax();
    }

    boolean holds(HostStream s) {
        return streams.contains(s);
    }

    HostStream make() {
        return new HostStream(this, pool);
    }

    void add(HostStream s) {
        streams.add(s);
    }

    /// A program has said which port it wants; what it said behind that is held.
    void connect(HostStream s, int guestPort, long now) {
        Connection c = machine.connect(guestPort, now).orElse(null);
        if (c == null) {
            close(s);
            return;
        }
        s.connection = c;
        c.attach(s);
        int early = s.forGuest.count();
        if (early > 0) {
            s.toGuest += early;
            machine.hostBytes(c, early);
        }
        due(s); // it may have hung up already
    }

    private void dialNow(HostStream s) {
        Connection c = s.connection;
        if (c == null) {
            return;
        }
        Path listen = options.listen();
        Path path = listen.resolveSibling(listen.getFileName() + "_" + Integer.toUnsignedString(c.hostPort()));
        Fd fd = null;
        try {
            fd = UnixSockets.connect(path);
            s.key = readiness.watch(fd, Callers.INTEREST, s);
        } catch (PosixException | IllegalArgumentException e) {
            if (fd != null) {
                fd.close();
            }
            LOG.debug("event=guest_dial_refused reason=\"{}\"", e.toString());
            machine.dialRefused(c);
            return;
        }
        s.fd = fd;
        opened(s, c);
        machine.dialled(c);
    }

    /// The host's side is gone. What it sent last still goes to the guest.
    private void gone(HostStream s, Connection c, long now) {
        closeSocket(s);
        s.forHost.clear();
        machine.hostGone(c, now);
    }

    // ------------------------------------------------------------------------------------------ orders

    @Override
    public void dial(Connection connection) {
        HostStream s = make();
        s.connection = connection;
        s.fromGuest = true;
        s.dialDue = true;
        connection.attach(s);
        streams.add(s);
        due(s);
    }

    @Override
    public void sayOpen(Connection connection) {
        HostStream s = stream(connection);
        opened(s, connection);
        if (s.fd == null) {
            return;
        }
        byte[] ok =
                ("OK " + Integer.toUnsignedString(connection.hostPort()) + "\n").getBytes(StandardCharsets.US_ASCII);
        HeldBytes line = new HeldBytes(pool);
        line.memory().asByteBuffer().put(ok);
        // Nothing was written before, so there is room for a line, unless its reader is gone.
        if (sockets.send(s.fd, line.memory(), 0, ok.length) != ok.length) {
            s.deaf = true;
            s.hungUp = true;
            s.readable = true;
            due(s);
        }
        line.clear();
    }

    @Override
    public void read(Connection connection, boolean wanted) {
        HostStream s = stream(connection);
        s.wanted = wanted;
        if (wanted && s.readable) {
            due(s);
        }
    }

    @Override
    public void endHost(Connection connection) {
        HostStream s = stream(connection);
        s.endDue = true;
        s.endIfWritten();
    }

    @Override
    public void refuseHost(Connection connection) {
        HostStream s = stream(connection);
        s.forGuest.clear();
        s.refused = true;
        if (s.fd != null) {
            UnixSockets.refuse(s.fd);
        }
        if (s.hungUp) {
            due(s);
        }
    }

    @Override
    public void ended(Connection connection, CloseReason why, String detail) {
        HostStream s = stream(connection);
        connection.attach(null);
        s.connection = null;
        s.dialDue = false;
        s.forGuest.clear();
        if (why != CloseReason.FINISHED && why != CloseReason.GUEST_CLOSED) {
            counters.add(Kind.RESETS, 1);
        }
        observer.closed(
                Integer.toUnsignedLong(connection.hostPort()),
                Integer.toUnsignedLong(connection.guestPort()),
                why,
                detail,
                s.toGuest,
                s.toHost);
        if (s.fd == null || s.deaf || !why.flushes() || s.forHost.count() == 0) {
            close(s);
            return;
        }
        s.draining = true;
        s.opened = true;
        s.deadline = Long.MAX_VALUE; // set when it is looked at first
        due(s);
    }

    @Override
    public void refused(PacketHeader header, PacketFault why) {
        counters.add(Kind.REFUSED, 1);
    }

    // ------------------------------------------------------------------------------------------ bytes

    /// Straight from the guest's memory into the socket; only what does not fit is held.
    @Override
    public void fromGuest(Connection connection, DescriptorChain chain, int from, int count) {
        HostStream s = stream(connection);
        counters.add(Kind.PACKETS_FROM_GUEST, 1);
        counters.add(Kind.BYTES_FROM_GUEST, count);
        s.toHost += count;
        int sent = s.forHost.count() == 0 ? s.send(sockets, chain, from, count) : 0;
        if (s.fd == null || s.deaf) {
            machine.hostTook(connection, count + s.forgetHeld());
            return;
        }
        if (sent < count) {
            s.forHost.take(chain, from + sent, count - sent);
        }
        if (sent > 0) {
            machine.hostTook(connection, sent);
        }
    }

    @Override
    public void toGuest(Connection connection, DescriptorChain chain, int from, int count) {
        counters.add(Kind.PACKETS_TO_GUEST, 1);
        counters.add(Kind.BYTES_TO_GUEST, count);
        stream(connection).forGuest.give(chain, from, count);
    }

    /// Until it would block: only then epoll tells of room again.
    private void flush(HostStream s) {
        Connection c = s.connection;
        while (s.forHost.count() > 0 && s.fd != null) {
            int answer = sockets.send(s.fd, s.forHost.memory(), s.forHost.head(), s.forHost.countInRow());
            if (answer == UnixSockets.WOULD_BLOCK) {
                break;
            }
            if (answer < 0) {
                s.deaf = true;
            }
            int gone = answer < 0 ? s.forHost.count() : answer;
            s.forHost.removed(gone);
            if (c != null) {
                machine.hostTook(c, gone);
            } else {
                s.deadline = Long.MAX_VALUE;
            }
        }
        s.endIfWritten();
        if (s.draining) {
            due(s);
        }
    }

    /// The last bytes are being written: the deadline runs from the last progress.
    private void drainOn(HostStream s, long now) {
        if (s.forHost.count() == 0 || s.deaf || s.hungUp) {
            close(s);
        } else if (s.deadline == Long.MAX_VALUE) {
            s.deadline = now + DRAIN_NANOS;
            draining.remove(s);
            draining.add(s);
        }
    }

    // ------------------------------------------------------------------------------------------ within

    private void opened(HostStream s, Connection c) {
        s.opened = true;
        counters.add(s.fromGuest ? Kind.STREAMS_FROM_GUEST : Kind.STREAMS_TO_GUEST, 1);
        observer.opened(
                Integer.toUnsignedLong(c.hostPort()),
                Integer.toUnsignedLong(c.guestPort()),
                s.fromGuest ? Direction.GUEST_TO_HOST : Direction.HOST_TO_GUEST);
    }

    void due(HostStream s) {
        if (!s.due) {
            s.due = true;
            due.add(s);
        }
    }

    private static HostStream stream(Connection connection) {
        return (HostStream) Objects.requireNonNull(connection.attachment(), "a stream has its socket until it ends");
    }

    void close(HostStream s) {
        closeSocket(s);
        s.forGuest.clear();
        s.forHost.clear();
        streams.remove(s);
    }

    private void closeSocket(HostStream s) {
        Fd fd = s.fd;
        s.fd = null;
        if (fd != null) {
            try {
                readiness.forget(s.key, fd);
            } catch (PosixException e) {
                LOG.warn("event=epoll_failed reason=\"{}\"", e.toString());
            }
            fd.close();
        }
    }

    /// Every socket, and the file.
    @Override
    public void close() {
        callers.close();
        List.copyOf(streams).forEach(this::close);
        pool.close();
    }
}
