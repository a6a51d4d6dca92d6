package dev.upcall.client.bridge.vhost;

import dev.upcall.client.bridge.BridgeObserver.Direction;
import dev.upcall.proto.vsock.CloseReason;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An observer's mistake is its own.
record GuardedObserver(VsockObserver told) implements VsockObserver {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedObserver.class);

    @Override
    public void frontEndCame() {
        tell(VsockObserver::frontEndCame);
    }

    @Override
    public void frontEndGone(String reason) {
        tell(observer -> observer.frontEndGone(reason));
    }

    @Override
    public void broke(String reason) {
        tell(observer -> observer.broke(reason));
    }

    @Override
    public void failed(String reason) {
        tell(observer -> observer.failed(reason));
    }

    @Override
    public void opened(long hostPort, long guestPort, Direction direction) {
        tell(observer -> observer.opened(hostPort, guestPort, direction));
    }

    @Override
    public void closed(long hostPort, long guestPort, CloseReason reason, String detail, long toGuest, long toHost) {
        tell(observer -> observer.closed(hostPort, guestPort, reason, detail, toGuest, toHost));
    }

    private void tell(Consumer<VsockObserver> what) {
        try {
            what.accept(told);
        } catch (RuntimeException e) {
            LOG.warn("event=vsock_observer_failed reason=\"{}\"", e.toString());
            LOG.debug("event=vsock_observer_failed", e);
        }
    }
}
