package dev.upcall.e2e.benchmark;

import dev.upcall.client.UpcallClient;
import dev.upcall.proto.session.extended.Extensions;
import dev.upcall.proto.session.request.Outcome;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// `UpcallClient.submit` without waiting: each completion submits the next request. With one guest some requests wait
/// in its queue, as in a program that does not wait; with many, one for each is out.
final class AsynchronousCalls implements Peer.Work {

    private static final int WINDOW = 16;

    private final List<UpcallClient> guests;
    private final int window;

    AsynchronousCalls(Path path, int guests, Extensions wanted) throws Exception {
        this.guests = Guest.connect(path, guests, false, wanted);
        this.window = guests == 1 ? WINDOW : 1;
    }

    @Override
    public String run(long millis) throws Exception {
        long bytes = Cost.allocatedBytes();
        long begin = System.nanoTime();
        CountDownLatch ended = new CountDownLatch(guests.size() * window);
        List<Chain> chains = guests.stream()
                .map(guest -> new Chain(guest, begin + millis * 1_000_000, ended))
                .toList();
        for (int i = 0; i < window; i++) {
            chains.forEach(Chain::next);
        }
        ended.await();
        long nanos = System.nanoTime() - begin;
        long answers = chains.stream().mapToLong(chain -> chain.answers).sum();
        double perCall = (double) (Cost.allocatedBytes() - bytes) / answers;
        return "rate " + answers * 1e9 / nanos + " bytes " + perCall;
    }

    /// Requests of one guest; the event loop counts them.
    private static final class Chain implements BiConsumer<Outcome.Answered, @Nullable Throwable> {
        private final UpcallClient guest;
        private final long end;
        private final CountDownLatch ended;
        private long answers;

        private Chain(UpcallClient guest, long end, CountDownLatch ended) {
            this.guest = guest;
            this.end = end;
            this.ended = ended;
        }

        private void next() {
            var _ = guest.submit(Guest.REQUEST).whenComplete(this);
        }

        @Override
        public void accept(Outcome.Answered answer, @Nullable Throwable failure) {
            answers++;
            if (failure != null || System.nanoTime() >= end) {
                ended.countDown();
            } else {
                next();
            }
        }
    }
}
