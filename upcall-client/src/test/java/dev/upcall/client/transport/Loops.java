package dev.upcall.client.transport;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// One event loop of each kind for one test.
public final class Loops implements AutoCloseable {
    private final Map<IoKind, EventLoopGroup> groups = new EnumMap<>(IoKind.class);

    public EventLoop next(IoKind kind) {
        return groups.computeIfAbsent(kind, k -> Transports.newLoops(1, "test", k))
                .next();
    }

    @Override
    public void close() {
        groups.values().forEach(group -> Await.result(group.shutdownGracefully(0, 1, TimeUnit.SECONDS)));
    }
}
