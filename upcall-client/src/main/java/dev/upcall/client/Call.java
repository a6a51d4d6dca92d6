package dev.upcall.client;

import dev.upcall.client.session.SessionDriver;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.Event;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Pending;
import dev.upcall.proto.session.request.SendTerms;
import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// One request under way: a future of the guest's answer.
///
/// Completes normally with what the guest answered and exceptionally with an [UpcallException]; exactly once.
/// Dependent stages without an executor run on the guest's event loop and must not block. Thread-safe.
public final class Call extends CompletableFuture<Outcome.Answered> implements Runnable {

    private final SessionDriver driver;
    private final Pending pending;
    private final long submittedAt;
    private @Nullable Unanswered unanswered;

    /// How a call ended that got no answer, and where the truth comes if it still does. Nearly no call has one.
    private record Unanswered(Outcome outcome, CompletableFuture<Outcome> late) {}

    Call(SessionDriver driver, Request request, SendTerms terms, long queueNanos) {
        this.driver = driver;
        this.submittedAt = driver.now();
        this.pending = new Pending(this, request, terms, submittedAt + queueNanos);
    }

    public Request request() {
        return pending.request();
    }

    /// Waits for the answer, as long as the request's own deadlines allow. Not on an event loop.
    ///
    /// @throws UpcallException when there is none, and why
    /// @throws InterruptedIOException when the thread is interrupted: the request is withdrawn if it has not left,
    ///     else it goes on without the caller
    public Outcome.Answered await() throws UpcallException, InterruptedIOException {
        if (driver.loop().inEventLoop()) {
            throw new IllegalStateException("a blocking call on the guest's own event loop would wait for itself");
        }
        try {
            return get();
        } catch (InterruptedException e) {
            withdraw();
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted =
                    new InterruptedIOException("interrupted while waiting for " + request());
            interrupted.initCause(e);
            throw interrupted;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UpcallException failure) {
                throw failure;
            }
            throw new IllegalStateException("a call ended in a way no call can", e.getCause());
        }
    }

    /// Waits like [#await] and returns how the request ended, whatever that is.
    public Outcome awaitOutcome() throws InterruptedIOException {
        try {
            return await();
        } catch (UpcallException e) {
            Unanswered ended = unanswered;
            if (ended == null) {
                throw new IllegalStateException("a call ended without an outcome", e);
            }
            return ended.outcome();
        }
    }

    /// Takes the request back if it still waits in the queue: it then ends as `NotSent(CANCELLED)`. Once it is out
    /// nothing changes.
    public void withdraw() {
        driver.post(new Event.RequestCancelled(this));
    }

    /// The same as [#withdraw]; the future itself ends only when the session says how, so this returns false.
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        withdraw();
        return false;
    }

    /// Enters the session. Called by the event loop only.
    @Override
    public void run() {
        driver.handle(new Event.RequestSubmitted(pending));
    }

    /// Event loop only; completing the future publishes the outcome to whoever waits.
    void completed(Outcome ended) {
        if (ended instanceof Outcome.Answered answered) {
            complete(answered);
        } else {
            Unanswered how = new Unanswered(ended, new CompletableFuture<>());
            unanswered = how;
            completeExceptionally(UpcallException.of(ended, how.late()));
        }
    }

    /// Comes after [#completed] with `Unknown`. Event loop only.
    void completedLate(Outcome truth) {
        Unanswered how = unanswered;
        if (how != null) {
            how.late().complete(truth);
        }
    }

    long submittedAt() {
        return submittedAt;
    }
}
