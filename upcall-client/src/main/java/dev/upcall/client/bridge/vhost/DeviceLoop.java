package dev.upcall.client.bridge.vhost;

import dev.upcall.client.posix.Epoll;
import dev.upcall.client.posix.EventFd;
import dev.upcall.client.posix.PosixException;
import dev.upcall.client.posix.RLimit;
import dev.upcall.proto.vsock.VsockDevice;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The thread of one device: waits for kicks, sockets, time and calls from outside, and lets the vsock
/// machine work.
///
/// A platform thread, since it waits in the kernel. Everything it holds is confined to it; only
/// [#post], [#call] and [#close] are for other threads.
final class DeviceLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceLoop.class);

    /// The machine's clock starts near 0.
    private static final long EPOCH = System.nanoTime();

    /// What the JVM and its program have open besides; a JVM that runs out of descriptors can load no
    /// more classes.
    private static final int DESCRIPTORS_SPARE = 64;

    /// Between two looks at the descriptors: who is told of many things in a row keeps nobody else
    /// waiting for long.
    private static final int ROUNDS_MAX = 4;

    private final VsockOptions options;
    private final VsockObserver observer;
    private final Function<DeviceLoop, RingSource> sources;
    private final DeviceCounters counters = new DeviceCounters();
    private final ConcurrentLinkedQueue<Runnable> posted = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private final EventFd wake;
    private final Thread thread;
    private volatile boolean closing;

    /// What only the thread touches.
    private record Parts(Readiness readiness, HostSockets host, VsockDevice device, RingSource source) {}

    private @Nullable Readiness readiness;
    private @Nullable VsockDevice device;
    private @Nullable RingSource source;

    private DeviceLoop(VsockOptions options, String name, Function<DeviceLoop, RingSource> sources) throws IOException {
        this.options = options;
        this.observer = new GuardedObserver(options.observer());
        this.sources = sources;
        this.wake = EventFd.create();
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    }

    /// Starts the thread, and returns when it listens.
    ///
    /// @param sources makes, on that thread, what the rings come from
    static DeviceLoop start(VsockOptions options, String name, Function<DeviceLoop, RingSource> sources)
            throws IOException {
        checkDescriptors(options.rules().streamsMax());
        DeviceLoop loop = new DeviceLoop(options, name, sources);
        loop.thread.start();
        try {
            loop.started.get();
            return loop;
        } catch (ExecutionException e) {
            loop.close();
            throw new IOException(
                    e.getCause() == null ? e.toString() : e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            loop.close();
            throw new IOException("interrupted while the device started: start it again", e);
        }
    }

    // ------------------------------------------------------------------------------------------ for every thread

    DeviceCounters counters() {
        return counters;
    }

    /// Has this done on the device's thread, which then works. Nothing happens once the device is closed.
    void post(Runnable task) {
        posted.add(task);
        wake();
    }

    /// As [#post], and waits for it.
    ///
    /// @throws IllegalStateException when the device is closed
    void call(Runnable task) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        post(() -> {
            try {
                task.run();
                done.complete(null);
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        while (!done.isDone() && thread.isAlive()) {
            try {
                done.get(1, TimeUnit.SECONDS);
            } catch (ExecutionException | java.util.concurrent.TimeoutException _) {
                // looked at below; a thread that has ended runs no task
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while the device was asked", e);
            }
        }
        if (!done.isDone()) {
            throw new IllegalStateException("the device is closed");
        }
        done.join();
    }

    /// Ends every stream at once and removes the socket files; returns when that is done. Idempotent.
    @Override
    public void close() {
        closing = true;
        wake();
        boolean interrupted = false;
        while (thread.isAlive() && !Thread.currentThread().equals(thread)) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        wake.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void wake() {
        try {
            if (wake.fd().isOpen()) {
                wake.signal();
            }
        } catch (PosixException | IllegalStateException e) {
            LOG.debug("event=wake_failed reason=\"{}\"", e.toString()); // closed meanwhile
        }
    }

    // ------------------------------------------------------------------------------------------ for the thread

    Readiness readiness() {
        return made(readiness);
    }

    VsockDevice device() {
        return made(device);
    }

    RingSource source() {
        return made(source);
    }

    VsockObserver observer() {
        return observer;
    }

    static long now() {
        return System.nanoTime() - EPOCH;
    }

    private static <T> T made(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("the device's thread has not begun");
        }
        return part;
    }

    private void run() {
        try (Readiness own = new Readiness()) {
            own.watch(wake.fd(), Epoll.IN, _ -> {}); // edge-triggered: it need not be drained
            try (HostSockets sockets = new HostSockets(options, observer, own, counters)) {
                VsockDevice machine = new VsockDevice(options.rules(), sockets);
                sockets.machine(machine.streams());
                readiness = own;
                device = machine;
                try (RingSource rings = sources.apply(this)) {
                    source = rings;
                    started.complete(null);
                    turn(new Parts(own, sockets, machine, rings));
                }
            }
        } catch (IOException | RuntimeException | Error e) {
            if (!started.completeExceptionally(e)) {
                LOG.error("event=device_failed", e);
                observer.failed(e.toString());
            }
        }
    }

    private void turn(Parts parts) throws PosixException {
        boolean more = true;
        while (!closing) {
            parts.readiness().await(more ? 0 : patience(parts));
            for (Runnable task = posted.poll(); task != null; task = posted.poll()) {
                task.run();
            }
            parts.source().work();
            more = work(parts);
        }
        parts.source().close();
        parts.device().streams().close();
    }

    /// @return whether something is left to do
    private boolean work(Parts parts) {
        long now = now();
        parts.device().streams().timePassed(now);
        parts.host().timePassed(now);
        boolean more = true;
        for (int i = 0; i < ROUNDS_MAX && more; i++) {
            parts.host().work(now);
            boolean ringsGoOn = workRings(parts, now);
            more = ringsGoOn || parts.host().hasWork();
        }
        return more || parts.source().hasWork();
    }

    private boolean workRings(Parts parts, long now) {
        int did;
        try {
            did = parts.device().work(now);
        } catch (InternalError | IndexOutOfBoundsException | IllegalStateException e) {
            // Memory that was taken away shows as InternalError; the others are mistakes of ours, and this device's
            // end.
            LOG.warn("event=device_stopped reason=\"{}\"", e.toString());
            LOG.debug("event=device_stopped", e);
            parts.source().failed("expected guest memory that stays, found " + e);
            return false;
        }
        if ((did & VsockDevice.INTERRUPT_TO_GUEST) != 0) {
            parts.source().interrupt(VsockDevice.TO_GUEST);
        }
        if ((did & VsockDevice.INTERRUPT_FROM_GUEST) != 0) {
            parts.source().interrupt(VsockDevice.FROM_GUEST);
        }
        if ((did & VsockDevice.BROKEN) != 0) {
            for (int ring = VsockDevice.TO_GUEST; ring <= VsockDevice.FROM_GUEST; ring++) {
                broke(parts, ring);
            }
        }
        return (did & VsockDevice.MORE) != 0;
    }

    private void broke(Parts parts, int ring) {
        parts.device().fault(ring).ifPresent(fault -> {
            String reason = "ring " + ring + ": " + fault;
            LOG.warn("event=ring_broke reason=\"{}\"", reason);
            counters.add(DeviceCounters.Kind.BROKEN, 1);
            observer.broke(reason);
            parts.source().broke(ring, reason);
        });
    }

    /// Milliseconds, rounded up: a wait that ends too early would spin.
    private static int patience(Parts parts) {
        long next =
                Math.min(parts.device().streams().nextDeadline(), parts.host().nextDeadline());
        if (next == Long.MAX_VALUE) {
            return -1;
        }
        long nanos = Math.max(0, next - now());
        return (int) Math.min(Integer.MAX_VALUE, TimeUnit.NANOSECONDS.toMillis(nanos + 999_999));
    }

    private static void checkDescriptors(int streamsMax) throws IOException {
        long wanted = (long) streamsMax + DESCRIPTORS_SPARE;
        if (!RLimit.ofDescriptors().allows(wanted) && !RLimit.raiseDescriptors().allows(wanted)) {
            throw new IOException("expected room for " + wanted + " descriptors, found a limit of "
                    + RLimit.ofDescriptors().hard() + ": raise it (ulimit -n), or allow fewer streams");
        }
    }
}
