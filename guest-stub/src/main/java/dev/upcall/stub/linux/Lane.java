package dev.upcall.stub.linux;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// One thread on which operations run, first come first served: what the kernel's own lock is to a
/// kernel service. A platform thread, for it waits inside the kernel. Thread-safe.
final class Lane implements AutoCloseable {

    /// As many as there can be connections, plain and EXECUTE_ONCE; who comes, asks and goes could pile
    /// them up for ever.
    static final int WAITING_MAX = 2048;

    private final ThreadPoolExecutor executor;

    Lane(String name) {
        executor = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING_MAX),
                Thread.ofPlatform().name(name).daemon().factory());
    }

    /// False when too many wait already.
    boolean offer(Runnable operation) {
        try {
            executor.execute(operation);
            return true;
        } catch (RejectedExecutionException _) {
            return false;
        }
    }

    /// Those that wait are forgotten; one that waits inside the kernel ends there, unheard.
    @Override
    public void close() {
        executor.shutdownNow();
    }
}
