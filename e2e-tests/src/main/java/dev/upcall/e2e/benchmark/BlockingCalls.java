package dev.upcall.e2e.benchmark;

import dev.upcall.client.UpcallClient;
import dev.upcall.proto.session.extended.Extensions;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;

/// `UpcallClient.execute`, one call after the other.
final class BlockingCalls implements Peer.Work {

    private final UpcallClient guest;
    private final boolean virtual;
    private final Samples samples = new Samples();

    /// @param virtual called from a virtual thread
    BlockingCalls(Path path, boolean virtual, Extensions wanted) throws Exception {
        this.guest = Guest.connect(path, 1, false, wanted).getFirst();
        this.virtual = virtual;
    }

    @Override
    public String run(long millis) throws Exception {
        if (!virtual) {
            return calls(millis);
        }
        FutureTask<String> task = new FutureTask<>(() -> calls(millis));
        Thread.startVirtualThread(task);
        return task.get();
    }

    private String calls(long millis) throws Exception {
        samples.clear();
        long bytes = Cost.allocatedBytes();
        long begin = System.nanoTime();
        long end = begin + millis * 1_000_000;
        long before = begin;
        while (before < end) {
            if (!guest.execute(Guest.REQUEST).done()) {
                throw new IllegalStateException("the guest refused");
            }
            long after = System.nanoTime();
            samples.add(after - before);
            before = after;
        }
        double perCall = (double) (Cost.allocatedBytes() - bytes) / samples.taken();
        double rate = samples.taken() * 1e9 / (before - begin);
        return samples + " rate " + rate + " bytes " + perCall;
    }
}
