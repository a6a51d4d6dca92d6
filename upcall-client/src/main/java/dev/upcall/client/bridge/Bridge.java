package dev.upcall.client.bridge;

import dev.upcall.client.bridge.BridgeObserver.Direction;
import dev.upcall.client.posix.RLimit;
import dev.upcall.client.transport.Target;
import dev.upcall.client.transport.Transports;
import dev.upcall.client.transport.UnixTarget;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A running bridge: listens on the hybrid socket, connects callers with guest ports, until it is closed.
///
/// ```java
/// try (Bridge bridge = Bridge.start(BridgeOptions.of(Target.parse("hvsock:///run/vm.sock"), GuestEnd.vsock(3))))
/// {
///     …
/// }
/// ```
///
/// Thread-safe. Everything runs on one event loop of its own.
public final class Bridge implements AutoCloseable {
    private static final String NAME = "upcall-bridge";

    /// Closing needs no answer from any peer: what takes longer hangs.
    private static final long CLOSE_MILLIS_MAX = 10_000;

    /// Above zero: else Netty may end its loop in the middle of a turn, with the sockets of late callees still
    /// open.
    private static final long QUIET_MILLIS = 1;

    /// What the JVM and its program have open besides; a JVM that runs out of descriptors can load no more
    /// classes.
    private static final int DESCRIPTORS_SPARE = 64;

    private final Path socket;
    private final EventLoopGroup loops;
    private final Switchboard board;
    private final List<Channel> listeners = new ArrayList<>();

    private Bridge(BridgeOptions options) {
        this.socket = options.listen();
        this.loops = Transports.newLoops(1, NAME, options.io());
        this.board = new Switchboard(options, loops.next());
    }

    /// Listens and returns. Blocks for some milliseconds; not for event loops.
    ///
    /// @throws IOException when a socket file cannot be made: somebody listens there, or something else is
    /// there; or when this process may not have the descriptors for so many connections
    public static Bridge start(BridgeOptions options) throws IOException {
        checkDescriptors(options.connectionsMax());
        Bridge bridge = new Bridge(options);
        try {
            GuestEnd guest = options.guest();
            GuestEnd host = new DialledEnd(bridge::hostPort, null);
            bridge.listen(new UnixTarget(options.listen()), bridge.board.caller(Direction.HOST_TO_GUEST, guest));
            if (guest.hostSocket().isPresent()) {
                UnixTarget asked = new UnixTarget(guest.hostSocket().get());
                bridge.listen(asked, bridge.board.caller(Direction.GUEST_TO_HOST, host));
            }
            for (HostPort wanted : guest.hostPorts()) {
                bridge.listen(wanted.listen(), bridge.board.caller(Direction.GUEST_TO_HOST, host, wanted.port()));
            }
            return bridge;
        } catch (IOException | RuntimeException e) {
            bridge.close();
            throw e;
        }
    }

    /// Where it listens.
    public Path socket() {
        return socket;
    }

    /// How many connections there are now. Not for the event loop.
    public int connections() {
        return board.loop().submit(board::connections).syncUninterruptibly().getNow();
    }

    /// Ends every connection at once and removes the socket files; returns when that is done. Idempotent.
    @Override
    public void close() {
        listeners.forEach(listener -> listener.close().awaitUninterruptibly());
        if (!loops.isShuttingDown()) {
            board.loop().submit(board::close).awaitUninterruptibly();
            var _ = loops.shutdownGracefully(QUIET_MILLIS, CLOSE_MILLIS_MAX, TimeUnit.MILLISECONDS);
        }
        loops.terminationFuture().awaitUninterruptibly();
    }

    /// The socket on which a program of the host waits for the guest, as every VMM names it.
    private UnixTarget hostPort(long port) {
        return new UnixTarget(socket.resolveSibling(socket.getFileName() + "_" + port));
    }

    private static void checkDescriptors(int connectionsMax) throws IOException {
        long wanted = 2L * connectionsMax + DESCRIPTORS_SPARE;
        if (!RLimit.ofDescriptors().allows(wanted) && !RLimit.raiseDescriptors().allows(wanted)) {
            throw new IOException("expected room for " + wanted + " descriptors, found a limit of "
                    + RLimit.ofDescriptors().hard() + ": raise it (ulimit -n), or allow fewer connections");
        }
    }

    private void listen(Target at, ChannelHandler caller) throws IOException {
        var listening = Transports.listen(at, board.loop(), caller).awaitUninterruptibly();
        if (!listening.isSuccess()) {
            throw new IOException("bridge: " + listening.cause().getMessage(), listening.cause());
        }
        listeners.add(listening.getNow());
    }
}
