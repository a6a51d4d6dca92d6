package dev.upcall.client.bridge.vhost;

import dev.upcall.client.posix.Epoll;
import dev.upcall.client.posix.Fd;
import dev.upcall.client.posix.PosixException;
import dev.upcall.client.posix.UnixSockets;
import dev.upcall.proto.hybrid.MalformedLineException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Programs of the host on their way to a port of the guest: accepted, and read from until their
/// CONNECT line is whole. Confined to the device's thread.
final class Callers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Callers.class);

    /// What is told of a stream's socket.
    static final int INTEREST = Epoll.IN | Epoll.OUT | Epoll.RDHUP;

    /// Of one turn, so that no flood of callers keeps the guest waiting.
    private static final int ACCEPTS_MAX = 64;

    private final VsockOptions options;
    private final Readiness readiness;
    private final UnixSockets sockets;
    private final HostSockets host;
    private final SocketDoor door;
    private final ArrayDeque<HostStream> waiting = new ArrayDeque<>();

    Callers(VsockOptions options, Readiness readiness, UnixSockets sockets, HostSockets host) throws IOException {
        this.options = options;
        this.readiness = readiness;
        this.sockets = sockets;
        this.host = host;
        this.door = new SocketDoor(options.listen(), readiness);
    }

    /// Somebody may wait to be accepted.
    boolean isReady() {
        return door.isReady();
    }

    void accept(long now) {
        for (int i = 0; i < ACCEPTS_MAX; i++) {
            Fd accepted = door.accept(now).orElse(null);
            if (accepted == null) {
                return;
            }
            accepted(accepted, now);
        }
    }

    /// All have the same time, so they are in the order of their deadlines.
    long nextDeadline() {
        return waiting.isEmpty() ? door.nextDeadline() : Math.min(door.nextDeadline(), waiting.peek().deadline);
    }

    void timePassed(long now) {
        for (HostStream s = waiting.peek(); s != null && (!isWaiting(s) || now >= s.deadline); s = waiting.peek()) {
            waiting.remove();
            if (isWaiting(s)) {
                host.close(s);
            }
        }
    }

    private boolean isWaiting(HostStream s) {
        return s.readsLine && host.holds(s);
    }

    private void accepted(Fd fd, long now) {
        if (host.isFull()) {
            fd.close();
            return;
        }
        HostStream s = host.make();
        s.fd = fd;
        try {
            s.key = readiness.watch(fd, INTEREST, s);
        } catch (PosixException e) {
            fd.close();
            return;
        }
        s.deadline = now + options.connectDeadline().toNanos();
        s.readsLine = true;
        host.add(s);
        waiting.add(s);
    }

    /// Something may have come from one whose line is not whole.
    void readLine(HostStream s, long now) {
        Fd fd = Objects.requireNonNull(s.fd);
        int count = sockets.receive(fd, s.forGuest.memory(), s.forGuest.tail(), s.forGuest.roomInRow());
        if (count == UnixSockets.WOULD_BLOCK) {
            s.forGuest.added(0);
            s.readable = false;
            return;
        }
        if (count <= 0) {
            host.close(s); // it has left without a word, or in the middle of one
            return;
        }
        s.forGuest.added(count);
        ByteBuffer bytes = s.forGuest.memory().asSlice(s.forGuest.head(), count).asByteBuffer();
        try {
            var port = s.line.accept(bytes);
            s.forGuest.removed(bytes.position());
            if (port.isEmpty()) {
                host.due(s); // more may be there already
                return;
            }
            s.readsLine = false;
            host.connect(s, (int) port.getAsLong(), now);
        } catch (MalformedLineException e) {
            LOG.info("event=connect_line_refused reason=\"{}\"", e.getMessage());
            host.close(s);
        }
    }

    /// The file, and nobody else comes.
    @Override
    public void close() {
        door.close();
    }
}
