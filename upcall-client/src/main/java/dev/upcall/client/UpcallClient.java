package dev.upcall.client;

import dev.upcall.client.session.SessionDriver;
import dev.upcall.client.session.SessionListener;
import dev.upcall.client.transport.HybridTarget;
import dev.upcall.client.transport.PathWatch;
import dev.upcall.client.transport.Target;
import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.guest.Deadlines;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.Event;
import dev.upcall.proto.session.Outcome;
import dev.upcall.proto.session.Pending;
import dev.upcall.proto.session.SendTerms;
import dev.upcall.proto.session.Session;
import dev.upcall.proto.session.State;
import dev.upcall.proto.session.Trouble;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
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
                options.rules(target instanceof HybridTarget),
                Session.begin(options.picture()),
                new Listener(),
                PathWatch::shared);
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
        return UpcallStatus.of(driver.session());
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
                case State.Init _, State.WaitingServer _, State.WaitingService _, State.Reconnecting _ -> {}
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
                closed.complete(null);
            }
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
