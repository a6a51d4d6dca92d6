package dev.upcall.stub.control;

import dev.upcall.stub.listen.GuestThread;
import dev.upcall.stub.listen.ListeningSocket;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Answers commands on a UNIX socket, each connection on a virtual thread, each command on the guest's.
///
/// Thread-safe.
public final class ControlServer implements AutoCloseable {

    /// A handful of people and tests; more is a leak.
    static final int CONNECTIONS_MAX = 16;

    /// When nothing can be accepted (no descriptors left), so long passes before the next try.
    private static final long ACCEPT_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final GuestThread guest;
    private final ListeningSocket socket;
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    private ControlServer(GuestThread guest, ListeningSocket socket) {
        this.guest = guest;
        this.socket = socket;
    }

    /// @throws IOException in one sentence: why nobody can listen there
    public static ControlServer start(GuestThread guest, Path path) throws IOException {
        ControlServer server = new ControlServer(guest, ListeningSocket.bind(path));
        Thread.ofVirtual().name("control " + path).start(server::acceptAll);
        return server;
    }

    /// One command to its answer, without a socket.
    static String answer(GuestThread guest, String line) {
        Json.Fields answer = new Json.Fields();
        try {
            ControlCommand command = ControlCommand.parse(line);
            Json.Fields fields = guest.ask(command::run);
            return answer.with("ok", true).and(fields).toString();
        } catch (IllegalArgumentException | IllegalStateException e) {
            return answer.with("ok", false)
                    .with("error", String.valueOf(e.getMessage()))
                    .toString();
        }
    }

    private void acceptAll() {
        while (socket.channel().isOpen()) {
            try {
                SocketChannel channel = socket.channel().accept();
                open.add(channel);
                if (open.size() > CONNECTIONS_MAX) {
                    end(channel);
                } else {
                    Thread.ofVirtual().name("control").start(() -> serve(channel));
                }
            } catch (IOException _) {
                // Closed, and then the loop ends; or a peer that gave up before it was let in.
                LockSupport.parkNanos(ACCEPT_PAUSE_NANOS);
            }
        }
    }

    private void serve(SocketChannel channel) {
        try {
            LineChannel lines = new LineChannel(channel);
            for (var line = lines.read(); line.isPresent(); line = lines.read()) {
                lines.write(answer(guest, line.get()));
            }
        } catch (IOException _) {
            // The peer is gone, or said more than a line holds.
        } finally {
            end(channel);
        }
    }

    private void end(SocketChannel channel) {
        open.remove(channel);
        try {
            channel.close();
        } catch (IOException _) {
            // Closed is closed.
        }
    }

    /// Idempotent.
    @Override
    public void close() throws IOException {
        socket.close();
        Set.copyOf(open).forEach(this::end);
    }
}
