package dev.upcall.client.bridge.vhost;

import dev.upcall.client.bridge.vhost.GuestDevice.Start;
import dev.upcall.client.bridge.vhost.GuestDevice.Stopped;
import dev.upcall.proto.virtqueue.GuestMemory;
import dev.upcall.proto.vsock.VsockDevice;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Rings of a VMM in this JVM. Confined to the device's thread.
final class OwnRings implements RingSource {
    private static final Logger LOG = LoggerFactory.getLogger(OwnRings.class);

    private final DeviceLoop loop;
    private final IntConsumer interrupt;
    private final int[] bases = new int[2];
    private boolean given;
    private boolean running;

    OwnRings(DeviceLoop loop, IntConsumer interrupt) {
        this.loop = loop;
        this.interrupt = interrupt;
    }

    void start(GuestMemory memory, Start toGuest, Start fromGuest) {
        if (given) {
            throw new IllegalStateException("the rings run already: stop them first");
        }
        loop.device().start(VsockDevice.TO_GUEST, memory, toGuest.place(), toGuest.base());
        loop.device().start(VsockDevice.FROM_GUEST, memory, fromGuest.place(), fromGuest.base());
        given = true;
        running = true;
    }

    Stopped stop() {
        if (!given) {
            throw new IllegalStateException("the rings do not run: start them first");
        }
        halt();
        given = false;
        return new Stopped(bases[VsockDevice.TO_GUEST], bases[VsockDevice.FROM_GUEST]);
    }

    @Override
    public void interrupt(int ring) {
        try {
            interrupt.accept(ring);
        } catch (RuntimeException e) {
            LOG.warn("event=interrupt_failed reason=\"{}\"", e.toString());
        }
    }

    /// Both stand still: the VMM learns it by the observer, and where they stood by asking to stop them.
    @Override
    public void broke(int ring, String reason) {
        failed(reason);
    }

    @Override
    public void failed(String reason) {
        halt();
        loop.device().streams().forgetStreams();
    }

    @Override
    public void work() {}

    @Override
    public boolean hasWork() {
        return false;
    }

    @Override
    public void close() {
        halt();
    }

    private void halt() {
        if (running) {
            running = false;
            for (int ring = VsockDevice.TO_GUEST; ring <= VsockDevice.FROM_GUEST; ring++) {
                bases[ring] = loop.device().stop(ring);
            }
        }
    }
}
