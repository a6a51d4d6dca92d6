package dev.upcall.client;

import dev.upcall.client.transport.IoKind;
import dev.upcall.client.transport.Transports;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.util.concurrent.TimeUnit;

/// The threads that clients run on: event loops, of which one serves thousands of guests.
///
/// Thread-safe. Daemon threads: a program that ends does not wait for them.
public final class ClientRuntime implements AutoCloseable {

    /// A close that takes longer than this has something stuck in an observer.
    private static final long CLOSE_MILLIS_MAX = 2000;

    /// Clients close their own channels, so there is nothing to wait for; any quiet period costs Netty a sleep of
    /// 100 ms.
    private static final long QUIET_MILLIS = 0;

    private final EventLoopGroup loops;

    private ClientRuntime(EventLoopGroup loops) {
        this.loops = loops;
    }

    /// @param threads event loops; each guest is bound to one
    public static ClientRuntime create(int threads) {
        return create(threads, IoKind.best());
    }

    /// @param threads event loops; each guest is bound to one
    /// @param kind what they wait with
    public static ClientRuntime create(int threads, IoKind kind) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1: " + threads);
        }
        return new ClientRuntime(Transports.newLoops(threads, "upcall", kind));
    }

    /// The one that clients share which bring none of their own: one event loop, made on first use, never closed.
    public static ClientRuntime shared() {
        return Shared.INSTANCE;
    }

    EventLoop nextLoop() {
        return loops.next();
    }

    /// Ends the threads. Clients that still use them stop where they are: close them first. Blocks up to 2 s.
    @Override
    public void close() {
        loops.shutdownGracefully(QUIET_MILLIS, CLOSE_MILLIS_MAX, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE_MILLIS_MAX);
    }

    private static final class Shared {
        static final ClientRuntime INSTANCE = create(1);
    }
}
