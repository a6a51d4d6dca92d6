package dev.upcall.client.bridge.vhost;

import dev.upcall.client.posix.Epoll;
import dev.upcall.client.posix.Fd;
import dev.upcall.client.posix.PosixException;
import dev.upcall.client.posix.UnixSockets;
import dev.upcall.client.transport.ListeningFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A UNIX socket that listens, as a file with mode 0600 that appears when it does and goes with it.
/// Confined to the device's thread.
final class SocketDoor implements AutoCloseable, Readiness.Owner {
    private static final Logger LOG = LoggerFactory.getLogger(SocketDoor.class);

    /// The kernel caps it at `somaxconn`.
    private static final int BACKLOG = 128;

    /// Out of descriptors: whoever waits goes on waiting, and somebody may leave meanwhile.
    private static final long PAUSE_NANOS = 1_000_000_000L;

    private final ListeningFile file;
    private final Readiness readiness;
    private final Fd listener;
    private final long key;
    private boolean ready;
    private long pausedUntil = Long.MAX_VALUE;

    /// @throws IOException when somebody listens there, or something else stands there
    SocketDoor(Path path, Readiness readiness) throws IOException {
        this.readiness = readiness;
        this.file = ListeningFile.claim(path);
        Fd bound = null;
        try {
            bound = UnixSockets.listen(file.hidden(), BACKLOG);
            this.key = readiness.watch(bound, Epoll.IN, this);
            file.publish();
        } catch (IOException | RuntimeException e) {
            if (bound != null) {
                bound.close();
            }
            file.remove();
            throw e;
        }
        this.listener = bound;
    }

    @Override
    public void ready(int events) {
        ready = true;
    }

    /// Somebody may wait.
    boolean isReady() {
        return ready && pausedUntil == Long.MAX_VALUE;
    }

    long nextDeadline() {
        return pausedUntil;
    }

    /// Who waits, if anybody does.
    Optional<Fd> accept(long now) {
        if (!ready || (pausedUntil != Long.MAX_VALUE && now < pausedUntil)) {
            return Optional.empty();
        }
        pausedUntil = Long.MAX_VALUE;
        try {
            Optional<Fd> accepted = UnixSockets.accept(listener);
            ready = accepted.isPresent();
            return accepted;
        } catch (PosixException e) {
            LOG.warn("event=accept_failed pause_s=1 reason=\"{}\"", e.getMessage());
            pausedUntil = now + PAUSE_NANOS;
            return Optional.empty();
        }
    }

    /// The file goes first: who comes then learns that there is nothing, not that it is refused.
    @Override
    public void close() {
        try {
            file.remove();
        } catch (IOException e) {
            LOG.warn("event=socket_file_stays reason=\"{}\"", e.toString());
        }
        if (listener.isOpen()) {
            try {
                readiness.forget(key, listener);
            } catch (PosixException e) {
                LOG.warn("event=epoll_failed reason=\"{}\"", e.toString());
            }
            listener.close();
        }
    }
}
