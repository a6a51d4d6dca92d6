package dev.upcall.client.bridge.vhost;

import dev.upcall.client.bridge.vhost.DeviceCounters.Kind;
import dev.upcall.client.posix.Fd;
import dev.upcall.client.posix.FdSocket;
import dev.upcall.client.posix.PosixException;
import dev.upcall.proto.vhostuser.Negotiation;
import dev.upcall.proto.vhostuser.Offer;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The vhost-user socket: serves one front-end after the other, never two at once. Confined to the
/// device's thread.
final class FrontEnds implements RingSource {
    private static final Logger LOG = LoggerFactory.getLogger(FrontEnds.class);

    private final DeviceLoop loop;
    private final SocketDoor door;
    private final Negotiation negotiation;
    private @Nullable FrontEnd current;

    FrontEnds(Path path, long cid, DeviceLoop loop) throws IOException {
        this.loop = loop;
        this.negotiation = new Negotiation(Offer.vsock(cid));
        this.door = new SocketDoor(path, loop.readiness());
    }

    @Override
    public void interrupt(int ring) {
        FrontEnd served = current;
        if (served != null) {
            served.interrupt(ring);
        }
    }

    @Override
    public void broke(int ring, String reason) {
        FrontEnd served = current;
        if (served != null) {
            served.broke(ring);
        }
    }

    @Override
    public void failed(String reason) {
        FrontEnd served = current;
        if (served != null) {
            served.failed(reason);
            endIfOver(served);
        }
    }

    @Override
    public boolean hasWork() {
        FrontEnd served = current;
        return served == null ? door.isReady() : served.hasWork();
    }

    @Override
    public void work() {
        FrontEnd served = current;
        if (served == null) {
            door.accept(DeviceLoop.now()).ifPresent(this::serve);
            served = current;
        }
        if (served != null) {
            served.work();
            endIfOver(served);
        }
    }

    @Override
    public void close() {
        FrontEnd served = current;
        if (served != null) {
            served.close();
            current = null;
        }
        door.close();
    }

    private void serve(Fd accepted) {
        try {
            current = new FrontEnd(FdSocket.owning(accepted), negotiation, loop.readiness(), loop.device());
        } catch (PosixException e) {
            LOG.warn("event=front_end_refused reason=\"{}\"", e.toString());
            accepted.close();
            return;
        }
        LOG.info("event=front_end_came");
        loop.counters().add(Kind.FRONT_ENDS, 1);
        loop.observer().frontEndCame();
    }

    private void endIfOver(FrontEnd served) {
        if (served.isOver()) {
            served.close();
            current = null;
            if (served.reason().isEmpty()) {
                LOG.info("event=front_end_gone");
            } else {
                LOG.warn("event=front_end_gone reason=\"{}\"", served.reason());
            }
            loop.observer().frontEndGone(served.reason());
        }
    }
}
