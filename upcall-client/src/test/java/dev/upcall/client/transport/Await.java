package dev.upcall.client.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Waits for what a test has set in motion, never longer than a deadline that only a broken test meets.
public final class Await {
    /// A loaded machine may stop for seconds; a minute is a hang.
    public static final long DEADLINE_SECONDS = 60;

    private Await() {}

    public static <T> T result(Future<T> future) {
        try {
            return future.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("failed: " + e.getCause(), e);
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("nothing came within " + DEADLINE_SECONDS + " s", e);
        }
    }

    public static Throwable failure(Future<?> future) {
        try {
            Object value = future.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
            throw new AssertionError("succeeded: " + value);
        } catch (ExecutionException e) {
            return e.getCause() == null ? e : e.getCause();
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("nothing came within " + DEADLINE_SECONDS + " s", e);
        }
    }

    /// The channel, once it is connected.
    public static Channel channel(ChannelFuture dialled) {
        result(dialled);
        return dialled.channel();
    }
}
