package dev.upcall.client;

import dev.upcall.client.session.SessionDriver;
import dev.upcall.client.session.SessionListener;
import dev.upcall.client.transport.HybridTarget;
import dev.upcall.client.transport.PathWatch;
import dev.upcall.client.transport.Target;
import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.inventory.Inventory;
import dev.upcall.proto.extension.liveness.RemovalPolicy;
import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.guest.Deadlines;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.Event;
import dev.upcall.proto.session.Session;
import dev.upcall.proto.session.State;
import dev.upcall.proto.session.Trouble;
import dev.upcall.proto.session.extended.News;
import dev.upcall.proto.session.extended.Wish;
import dev.upcall.proto.session.extended.WishAnswer;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Pending;
import dev.upcall.proto.session.request.SendTerms;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Adds and removes a running guest's CPUs and devices.
///
/// One client serves one guest: it dials in the background from the moment it is opened, reconnects by itself, keeps
/// requests in a bounded queue, sends one at a time, and ends each exactly once. It never reports a success that the
/// guest did not prove, and never sends what would crash or blind the guest (unless told to).
///
/// ```java
/// try (var guest = UpcallClient.open("hvsock:///run/vm.sock")) {
///     guest.awaitConnected(Duration.ofSeconds(5));
///     switch (guest.addCpu(1)) {
///         case Outcome.Done _ -> System.out.println("CPU 1 is online");
///         case Outcome.Refused r -> System.out.println("the guest said " + r.result());
///         case Outcome.Absent _ -> throw new AssertionError("only removals end so");
///     }
/// }
/// ```
///
/// Thread-safe. Blocking methods may be called from virtual threads, but not from the guest's event loop (observers
/// and dependents of a [Call] run there). Two clients that hot-plug the same stock guest cannot know of each other:
/// use one.
public final class UpcallClient implements AutoCloseable {

    private final Target target;
    private final UpcallOptions options;
    private final SendTerms defaultTerms;
    private final long defaultQueueNanos;
    private final SessionDriver driver;
    private final EventStream events;
    private final Observers observers;
    private final List<CompletableFuture<Void>> connectWaiters = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    private UpcallClient(Target target, UpcallOptions options, ClientRuntime runtime, List<UpcallObserver> observers) {
        this.target = target;
        this.options = options;
        this.defaultTerms = options.request().terms();
        this.defaultQueueNanos = options.request().queueTimeout().toNanos();
        this.observers = new Observers(this, observers);
        this.driver = new SessionDriver(
                runtime.nextLoop(),
                target,
                options.rules(target instanceof HybridTarget, newEpoch()),
                Session.begin(options.picture()),
                new Listener(),
                PathWatch::shared);
        this.events = new EventStream(driver);
    }

    /// Random and never 0; nobody needs to be unable to guess it.
    private static Epoch newEpoch() {
        long value = 0;
        while (value == 0) {
            value = ThreadLocalRandom.current().nextLong();
        }
        return new Epoch(value);
    }

    /// Opens a client with default options on the shared runtime.
    ///
    /// @param uri `hvsock:///path[:port]`, `unix:///path` or `vsock://CID[:port]`
    /// @throws IllegalArgumentException when the target cannot be one
    public static UpcallClient open(String uri) {
        return open(Target.parse(uri), UpcallOptions.DEFAULT);
    }

    public static UpcallClient open(Target target, UpcallOptions options) {
        return open(target, options, ClientRuntime.shared(), List.of());
    }

    /// Opens a client and starts to dial. Returns at once.
    ///
    /// @param observers see everything from the first dial on
    public static UpcallClient open(
            Target target, UpcallOptions options, ClientRuntime runtime, List<UpcallObserver> observers) {
        UpcallClient client = new UpcallClient(target, options, runtime, observers);
        client.driver.post(new Event.Started());
        return client;
    }

    /// Sends a request when its turn comes and returns at once.
    public Call submit(Request request) {
        return submit(new Call(driver, request, defaultTerms, defaultQueueNanos));
    }

    public Call submit(Request request, RequestOptions how) {
        return submit(new Call(driver, request, how.terms(), how.queueTimeout().toNanos()));
    }

    /// Sends a request and waits for the guest's answer, at most as long as its deadlines allow.
    ///
    /// @throws UpcallException when there is no answer; `mayHaveTakenEffect` says what that means for the guest
    public Outcome.Answered execute(Request request) throws UpcallException, InterruptedIOException {
        return submit(request).await();
    }

    public Outcome.Answered execute(Request request, RequestOptions how)
            throws UpcallException, InterruptedIOException {
        return submit(request, how).await();
    }

    /// Brings the CPU with this APIC id online; the VMM must have created its vCPU. x86-64 guests.
    public Outcome.Answered addCpu(int apicId) throws UpcallException, InterruptedIOException {
        return execute(new Request.AddCpu(new ApicId(apicId)));
    }

    /// Takes the CPU offline and removes it. x86-64 guests.
    public Outcome.Answered delCpu(int apicId) throws UpcallException, InterruptedIOException {
        return execute(new Request.DelCpu(new ApicId(apicId)));
    }

    /// Registers a virtio-mmio device. Success means registered: whether a driver works is another matter (5.9).
    public Outcome.Answered addMmio(MmioDevice device) throws UpcallException, InterruptedIOException {
        return execute(new Request.AddMmio(device));
    }

    public Outcome.Answered delMmio(MmioDevice device) throws UpcallException, InterruptedIOException {
        return execute(new Request.DelMmio(device));
    }

    /// Rescans the function's slot. The VMM must have programmed its BARs (5.9).
    public Outcome.Answered addPci(PciFunction function) throws UpcallException, InterruptedIOException {
        return execute(new Request.AddPci(function));
    }

    public Outcome.Answered delPci(PciFunction function) throws UpcallException, InterruptedIOException {
        return execute(new Request.DelPci(function));
    }

    /// Waits until the guest can be asked.
    ///
    /// @throws UpcallException.NotConnected when it cannot in time, or never will, with the reason
    public void awaitConnected(Duration timeout) throws UpcallException, InterruptedIOException {
        CompletableFuture<Void> connected = new CompletableFuture<>();
        connectWaiters.add(connected);
        try {
            driver.loop().execute(() -> tellWaiters(driver.session().state()));
            connected.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            UpcallStatus status = status();
            throw new UpcallException.NotConnected("waited " + Deadlines.text(timeout) + "; "
                    + status.trouble()
                            .map(Trouble::toString)
                            .orElse("state " + status.state().label()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("interrupted while connecting");
            interrupted.initCause(e);
            throw interrupted;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UpcallException failure) {
                throw failure;
            }
            throw new IllegalStateException("waiting for a connection failed", e.getCause());
        } finally {
            connected.cancel(false);
            connectWaiters.removeIf(CompletableFuture::isDone);
        }
    }

    /// Says which CPUs the guest has now: after a restart, or when the VMM changed them by other means.
    public void presentCpus(CpuPicture picture) {
        driver.post(new Event.PictureGiven(picture));
    }

    /// The client as its last step left it. Does not block.
    public UpcallStatus status() {
        return UpcallStatus.of(driver.session(), driver.now());
    }

    /// The guest's events: each once, in order, gaps explicit, over all connections. Subscribers are
    /// called on the
    /// guest's
    /// event loop, as far as they have asked; one that stays behind holds the guest back at 256 events.
    ///
    /// A stock guest has none. The stream ends when the client is closed.
    public Flow.Publisher<GuestEvent> events() {
        return events;
    }

    /// Sees whether the guest lives and what is bound to it. Remove it with [#removeLivenessListener].
    public void addLivenessListener(LivenessListener listener) {
        observers.add(new LivenessAdapter(listener));
    }

    public void removeLivenessListener(LivenessListener listener) {
        observers.remove(new LivenessAdapter(listener));
    }

    /// What becomes of plugged devices when the guest is lost; takes effect at the next verdict.
    public void setRemovalPolicy(RemovalPolicy policy) {
        driver.post(new Event.Wished(new Wish.ChoosePolicy(policy)));
    }

    /// Gives up a lost device (policy MANUAL). Idempotent.
    public void unregister(DeviceReference device) {
        driver.post(new Event.Wished(new Wish.Unregister(device)));
    }

    /// Gives up all lost devices (policy MANUAL). Idempotent.
    public void unregisterAll() {
        driver.post(new Event.Wished(new Wish.UnregisterAll()));
    }

    /// What the guest has, asked for after this call. Waits for a connection as long as a request would.
    ///
    /// Ends exceptionally with an [UpcallException]: `NotSupported` for a stock guest,
    /// `InventoryUnstable`, `NotConnected`.
    public CompletionStage<Inventory> inventory() {
        CompletableFuture<Inventory> taken = new CompletableFuture<>();
        WishTicket ticket = answer -> {
            switch (answer) {
                case WishAnswer.Inventoried a -> taken.complete(a.inventory());
                case WishAnswer.Denied a -> taken.completeExceptionally(UpcallException.of(a));
                case WishAnswer.Delivered _ -> throw new IllegalStateException("an inventory is no event");
            }
        };
        driver.post(new Event.Wished(new Wish.AskInventory(ticket, driver.now() + defaultQueueNanos)));
        return taken;
    }

    /// Waits for [#inventory]. Not on the event loop.
    public Inventory awaitInventory() throws UpcallException, InterruptedIOException {
        return await(inventory(), "the inventory");
    }

    /// Sends the guest an application's event (§3): at most 512 bytes.
    ///
    /// Ends once the guest has acknowledged it; it is delivered once and in order over any number of
    /// connections.
    /// Exceptionally: `NotSupported` for a stock guest, `NotSent` when 256 wait already, `GuestRestarted`.
    /// There is no deadline: what waits for a guest that is away waits until it is back or the client is
    /// closed.
    public CompletionStage<Void> sendUserEvent(byte[] detail) {
        if (detail.length > EventNotify.DETAIL_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "detail must be at most " + EventNotify.DETAIL_BYTES_MAX + " bytes: " + detail.length);
        }
        CompletableFuture<Void> delivered = new CompletableFuture<>();
        WishTicket ticket = answer -> {
            switch (answer) {
                case WishAnswer.Delivered _ -> delivered.complete(null);
                case WishAnswer.Denied a -> delivered.completeExceptionally(UpcallException.of(a));
                case WishAnswer.Inventoried _ -> throw new IllegalStateException("an event is no inventory");
            }
        };
        driver.post(new Event.Wished(
                new Wish.SendEvent(ticket, EventKind.USER, DeviceReference.NONE, Bytes.of(detail), driver.now())));
        return delivered;
    }

    private <T> T await(CompletionStage<T> stage, String what) throws UpcallException, InterruptedIOException {
        if (driver.loop().inEventLoop()) {
            throw new IllegalStateException("a blocking call on the guest's own event loop would wait for itself");
        }
        try {
            return stage.toCompletableFuture().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("interrupted while waiting for " + what);
            interrupted.initCause(e);
            throw interrupted;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UpcallException failure) {
                throw failure;
            }
            throw new IllegalStateException("waiting for " + what + " failed", e.getCause());
        }
    }

    /// How a wish is told its end.
    @FunctionalInterface
    private interface WishTicket {
        void ended(WishAnswer answer);
    }

    public Target target() {
        return target;
    }

    public UpcallOptions options() {
        return options;
    }

    public void addObserver(UpcallObserver observer) {
        observers.add(observer);
    }

    public void removeObserver(UpcallObserver observer) {
        observers.remove(observer);
    }

    /// Ends every request with its truth and closes the connection. Waits until that is done, unless called on the
    /// guest's event loop. Idempotent.
    @Override
    public void close() {
        driver.post(new Event.CloseAsked());
        if (!driver.loop().inEventLoop()) {
            closed.join();
        }
    }

    private Call submit(Call call) {
        if (driver.loop().inEventLoop()) {
            call.run();
        } else {
            driver.loop().execute(call);
        }
        return call;
    }

    private void tellWaiters(State state) {
        for (CompletableFuture<Void> waiter : connectWaiters) {
            switch (state) {
                case State.Connected _, State.ServiceBusy _, State.Overdue _ -> waiter.complete(null);
                case State.GivenUp s -> waiter.completeExceptionally(new UpcallException.NotConnected(s.trouble()));
                case State.Closed _ ->
                    waiter.completeExceptionally(new UpcallException.NotConnected("the client was closed"));
                case State.Init _,
                        State.WaitingServer _,
                        State.WaitingService _,
                        State.Opening _,
                        State.Reconnecting _ -> {}
            }
        }
    }

    /// The driver's view of this client. Everything on the event loop.
    private final class Listener implements SessionListener {

        @Override
        public void stateChanged(Session before, Session after) {
            observers.stateChanged(before.state(), after.state());
            if (!connectWaiters.isEmpty()) {
                tellWaiters(after.state());
            }
            if (after.state() instanceof State.Closed) {
                events.end();
                closed.complete(null);
            }
        }

        @Override
        public void told(News news) {
            observers.told(news);
            events.told(news);
        }

        @Override
        public void wishEnded(Object ticket, WishAnswer answer) {
            ((WishTicket) ticket).ended(answer);
        }

        @Override
        public void sent(Request request) {
            observers.requestSent(request);
        }

        @Override
        public void completed(Pending pending, Outcome outcome) {
            Call call = (Call) pending.ticket();
            observers.requestCompleted(pending.request(), outcome, driver.now() - call.submittedAt());
            call.completed(outcome);
        }

        @Override
        public void completedLate(Pending pending, Outcome outcome) {
            ((Call) pending.ticket()).completedLate(outcome);
            observers.lateReply(pending.request(), outcome);
        }

        @Override
        public void traffic(boolean toGuest, ByteBuffer bytes) {
            observers.traffic(toGuest, bytes);
        }

        @Override
        public boolean traces() {
            return observers.traces();
        }
    }
}
