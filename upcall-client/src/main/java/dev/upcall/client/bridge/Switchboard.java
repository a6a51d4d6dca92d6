package dev.upcall.client.bridge;

import dev.upcall.client.bridge.BridgeObserver.Direction;
import dev.upcall.client.bridge.RelayState.Closed;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All connections of a bridge: gives each caller a driver, as long as there is room.
///
/// Confined to the bridge's event loop.
final class Switchboard {
    private static final Logger LOG = LoggerFactory.getLogger(Switchboard.class);

    /// Where VMMs begin to number the ports that they give away.
    private static final long FIRST_ID = 1L << 30;

    private final BridgeOptions options;
    private final EventLoop loop;
    private final Relay relay;
    private final Set<RelayDriver> connections = new LinkedHashSet<>();
    private long nextId = FIRST_ID;
    private boolean closing;

    Switchboard(BridgeOptions options, EventLoop loop) {
        this.options = options;
        this.loop = loop;
        this.relay = new Relay(
                options.connectDeadline().toNanos(), options.guestDeadline().toNanos());
    }

    BridgeOptions options() {
        return options;
    }

    EventLoop loop() {
        return loop;
    }

    Relay relay() {
        return relay;
    }

    /// For the pipeline of each accepted channel, whose caller will say the port that it wants.
    ChannelHandler caller(Direction direction, GuestEnd callee) {
        return caller(direction, callee, OptionalLong.empty());
    }

    /// For the pipeline of each accepted channel that comes to the place of one port.
    ChannelHandler caller(Direction direction, GuestEnd callee, long port) {
        return caller(direction, callee, OptionalLong.of(port));
    }

    private ChannelHandler caller(Direction direction, GuestEnd callee, OptionalLong port) {
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                accept(channel, direction, callee, port);
            }
        };
    }

    void opened(RelayDriver connection, long port) {
        tell(observer -> observer.opened(connection.id(), connection.direction(), port));
    }

    void closed(RelayDriver connection, Closed end, String detail) {
        connections.remove(connection);
        tell(observer -> observer.closed(
                connection.id(),
                connection.direction(),
                end.reason(),
                detail.isEmpty() ? end.reason().sentence() : end.reason().sentence() + ": " + detail,
                end.moved().toCallee(),
                end.moved().toCaller()));
    }

    /// Ends every connection, and accepts no more.
    void close() {
        closing = true;
        List.copyOf(connections).forEach(RelayDriver::closeAsked);
    }

    int connections() {
        return connections.size();
    }

    private void accept(Channel channel, Direction direction, GuestEnd callee, OptionalLong port) {
        long id = nextId++;
        if (closing || connections.size() >= options.connectionsMax()) {
            CloseReason reason = closing ? CloseReason.BRIDGE_CLOSED : CloseReason.LIMIT;
            tell(observer -> observer.closed(id, direction, reason, reason.sentence(), 0, 0));
            var _ = channel.close();
            return;
        }
        RelayDriver connection = new RelayDriver(this, direction, callee, id);
        connections.add(connection);
        channel.pipeline().addLast(connection.callerStream());
        tell(observer -> observer.accepted(id, direction));
        connection.begin(port);
    }

    /// An observer's mistake is its own.
    private void tell(Consumer<BridgeObserver> what) {
        try {
            what.accept(options.observer());
        } catch (RuntimeException e) {
            LOG.warn("event=bridge_observer_failed reason=\"{}\"", e.toString());
            LOG.debug("event=bridge_observer_failed", e);
        }
    }
}
