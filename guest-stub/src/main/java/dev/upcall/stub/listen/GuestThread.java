package dev.upcall.stub.listen;

import dev.upcall.stub.service.Output;
import dev.upcall.stub.service.UpcallServer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// The one thread that owns a guest: takes what others post, in order, and wakes up when the guest wants to.
///
/// Thread-safe. All of the guest's time comes from here (`System.nanoTime`).
public final class GuestThread implements AutoCloseable {

    /// The other end of one connection, as the guest's thread sees it. Its method must not block.
    interface Peer {
        void carryOut(Output output);
    }

    /// What becomes of the process or the test around a guest that is gone. Called on the guest's thread;
    /// must not block.
    public interface Ends {

        /// Nobody cares.
        Ends NONE = new Ends() {};

        /// The guest has crashed; its connections still stand, and nothing more is written on them.
        default void crashed() {}

        /// The guest has left in order, and its connections are closed.
        default void left() {}
    }

    /// Something to be done with the server at a time.
    @FunctionalInterface
    public interface Task<T> {
        T run(UpcallServer server, long nowNanos);
    }

    private final UpcallServer server;
    private final LinkedBlockingQueue<LongConsumer> mailbox = new LinkedBlockingQueue<>();
    private final Map<Long, Peer> peers = new HashMap<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Ends ends;
    private final Thread thread;

    /// The guest's end has been told; confined to its thread.
    private boolean told;

    /// Takes the server over; nobody else may touch it from now on.
    public GuestThread(UpcallServer server) {
        this(server, Ends.NONE);
    }

    public GuestThread(UpcallServer server, Ends ends) {
        this.server = server;
        this.ends = ends;
        this.thread = Thread.ofPlatform().name("guest").daemon().start(this::loop);
    }

    /// Runs `task` on the guest's thread and waits for what it returns.
    ///
    /// @throws IllegalStateException when the guest has been closed
    public <T> T ask(Task<T> task) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        post(now -> {
            try {
                answer.complete(task.run(server, now));
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        if (closed.get()) {
            answer.completeExceptionally(new IllegalStateException("the guest is closed"));
        }
        try {
            return answer.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the guest was asked", e);
        }
    }

    /// The guest has something to do before it said so: it is asked at once. Does not wait.
    public void nudge() {
        post(_ -> {});
    }

    /// A new stream; `hybridPort` is the port its CONNECT line must name, null when it has no such line.
    void opened(Stream stream, @Nullable Long hybridPort) {
        post(now -> {
            stream.id = hybridPort == null ? server.open(now) : server.openHybrid(hybridPort, now);
            peers.put(stream.id, stream);
        });
    }

    void arrived(Stream stream, ByteBuffer bytes) {
        post(now -> {
            stream.hasRead();
            server.arrived(stream.id, bytes, now);
        });
    }

    void peerClosed(Stream stream) {
        post(now -> {
            server.peerClosed(stream.id, now);
            peers.remove(stream.id);
        });
    }

    /// A stream's state on the guest's thread.
    abstract static class Stream implements Peer {
        /// Its number, known once the guest's thread has opened it; confined to that thread.
        long id;

        /// The guest's thread has been given what it had ordered to be read.
        void hasRead() {}
    }

    private void post(LongConsumer event) {
        mailbox.add(event);
    }

    private void loop() {
        try {
            while (!closed.get()) {
                LongConsumer event = next();
                long now = System.nanoTime();
                if (event != null) {
                    event.accept(now);
                }
                List<Output> outputs = server.advance(now);
                boolean tell = server.gone() && !told;
                told = server.gone();
                if (tell && server.crashed()) {
                    ends.crashed();
                }
                outputs.forEach(this::carryOut);
                if (tell && !server.crashed()) {
                    ends.left();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closed.set(true);
            for (LongConsumer late = mailbox.poll(); late != null; late = mailbox.poll()) {
                late.accept(System.nanoTime()); // somebody waits for its answer
            }
            List<Peer> left = new ArrayList<>(peers.values());
            peers.clear();
            left.forEach(peer -> peer.carryOut(new Output.Close(0, "guest closed")));
        }
    }

    private @Nullable LongConsumer next() throws InterruptedException {
        OptionalLong wake = server.wakeAt();
        if (wake.isEmpty()) {
            return mailbox.take();
        }
        return mailbox.poll(wake.getAsLong() - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    private void carryOut(Output output) {
        boolean last = output instanceof Output.Close || output instanceof Output.Reset;
        Peer peer = last ? peers.remove(output.connection()) : peers.get(output.connection());
        if (peer != null) {
            peer.carryOut(output);
        }
    }

    /// Ends the thread and all connections. Idempotent; waits until that is done.
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            post(_ -> {});
        }
        try {
            if (!Thread.currentThread().equals(thread)) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
