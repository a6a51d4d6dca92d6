package dev.upcall.client.bridge;

import dev.upcall.client.transport.DialFailure;
import dev.upcall.client.transport.Target;
import dev.upcall.client.transport.Transports;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// A guest, or the host as a guest sees it, whose ports are targets that can be dialled.
final class DialledEnd implements GuestEnd {
    private final LongFunction<Target> targetOf;
    private final @Nullable Path hostSocket;
    private final List<HostPort> hostPorts;

    DialledEnd(LongFunction<Target> targetOf, @Nullable Path hostSocket) {
        this(targetOf, hostSocket, List.of());
    }

    DialledEnd(LongFunction<Target> targetOf, @Nullable Path hostSocket, List<HostPort> hostPorts) {
        this.targetOf = targetOf;
        this.hostSocket = hostSocket;
        this.hostPorts = hostPorts;
    }

    @Override
    public CompletionStage<BridgeStream> open(
            long port, EventLoop loop, int bufferBytes, BridgeStream.Receiver receiver) {
        CompletableFuture<BridgeStream> opened = new CompletableFuture<>();
        try {
            Target target = targetOf.apply(port);
            ChannelStream stream = new ChannelStream(receiver, bufferBytes);
            Transports.dial(target, loop, stream).addListener(dialled -> {
                if (dialled.isSuccess()) {
                    opened.complete(stream);
                } else {
                    String why = DialFailure.of(target, dialled.cause()).message();
                    opened.completeExceptionally(new IOException(why, dialled.cause()));
                }
            });
        } catch (IllegalArgumentException e) {
            opened.completeExceptionally(e); // a path that is too long with this port
        }
        return opened;
    }

    @Override
    public Optional<Path> hostSocket() {
        return Optional.ofNullable(hostSocket);
    }

    @Override
    public List<HostPort> hostPorts() {
        return hostPorts;
    }
}
