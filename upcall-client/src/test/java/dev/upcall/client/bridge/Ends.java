package dev.upcall.client.bridge;

import dev.upcall.client.transport.Await;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Keeps how connections ended, for a test to wait for.
final class Ends implements BridgeObserver {
    record End(Direction direction, CloseReason reason, String detail, long toCallee, long toCaller) {}

    private final BlockingQueue<End> ends = new LinkedBlockingQueue<>();

    @Override
    public void closed(long id, Direction direction, CloseReason reason, String detail, long toCallee, long toCaller) {
        ends.add(new End(direction, reason, detail, toCallee, toCaller));
    }

    End next() {
        try {
            End end = ends.poll(Await.DEADLINE_SECONDS, TimeUnit.SECONDS);
            if (end == null) {
                throw new AssertionError("expected a connection to end, found none");
            }
            return end;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
