package dev.upcall.client.bridge.vhost;

import dev.upcall.proto.virtqueue.GuestMemory;
import dev.upcall.proto.virtqueue.RingPlace;
import java.io.IOException;
import java.util.function.IntConsumer;

/// The same vsock device for a VMM in this JVM, which hands over its guest's memory and rings itself.
///
/// ```java
/// VsockOptions options = VsockOptions.of(3, Path.of("/run/vm.sock"));
/// GuestDevice device = GuestDevice.start(options, ring -> vm.interrupt(ring));
/// device.startRings(memory, new Start(place0, 0), new Start(place1, 0));   // DRIVER_OK
/// device.kick();                                                           // the guest notified
/// Stopped at = device.stopRings();                                         // pause, reset
/// ```
///
/// Thread-safe. Everything runs on one platform thread of its own; interrupts are called there, and
/// must not block.
public final class GuestDevice implements AutoCloseable {
    private final DeviceLoop loop;

    private GuestDevice(DeviceLoop loop) {
        this.loop = loop;
    }

    /// Where a ring is, and the available entry to begin with.
    public record Start(RingPlace place, int base) {}

    /// Where the rings stood: what they are started with when the same guest goes on.
    public record Stopped(int toGuest, int fromGuest) {}

    /// Listens on the hybrid socket and returns.
    ///
    /// @param interrupt told which ring the guest is to look at: [VsockDevice#TO_GUEST] or
    /// [VsockDevice#FROM_GUEST]
    /// @throws IOException as [VsockBridge#start]
    public static GuestDevice start(VsockOptions options, IntConsumer interrupt) throws IOException {
        String name = "upcall-vsock-" + options.rules().cid();
        return new GuestDevice(DeviceLoop.start(options, name, loop -> new OwnRings(loop, interrupt)));
    }

    /// The guest's driver is up, or goes on. Open streams live on; after a reset of the guest say
    /// [#forgetStreams] first.
    ///
    /// @param memory outside the Java heap, and of an arena that any thread may use; it must outlive
    /// [#stopRings]
    /// @throws IllegalStateException when rings run, or the device is closed
    public void startRings(GuestMemory memory, Start toGuest, Start fromGuest) {
        loop.call(() -> rings().start(memory, toGuest, fromGuest));
    }

    /// Afterwards nothing of the guest's memory is touched any more.
    ///
    /// @throws IllegalStateException when no rings run, or the device is closed
    public Stopped stopRings() {
        Stopped[] at = new Stopped[1];
        loop.call(() -> at[0] = rings().stop());
        return at[0];
    }

    /// The guest that comes knows none of the streams.
    public void forgetStreams() {
        loop.call(() -> loop.device().streams().forgetStreams());
    }

    /// The guest has notified. Never blocks.
    public void kick() {
        loop.post(() -> {});
    }

    /// What it has carried so far.
    public DeviceCounters counters() {
        return loop.counters();
    }

    /// Ends every stream at once and removes the socket file; returns when that is done, and the
    /// guest's memory is touched no more. Idempotent.
    @Override
    public void close() {
        loop.close();
    }

    private OwnRings rings() {
        return (OwnRings) loop.source();
    }
}
