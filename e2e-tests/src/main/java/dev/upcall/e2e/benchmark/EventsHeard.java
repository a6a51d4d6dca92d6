package dev.upcall.e2e.benchmark;

import dev.upcall.client.ExtensionOptions;
import dev.upcall.client.GuestEvent;
import dev.upcall.client.UpcallClient;
import java.nio.file.Path;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;

/// Listens to a guest that does not stop talking, through the public API.
final class EventsHeard implements Peer.Work, Flow.Subscriber<GuestEvent> {

    private final UpcallClient guest;

    // Written on the event loop alone.
    private final AtomicLong heard = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();

    EventsHeard(Path path) throws Exception {
        guest = Guest.open(path, ExtensionOptions.DEFAULT);
        guest.events().subscribe(this);
        guest.awaitConnected(Guest.PATIENCE);
    }

    @Override
    public String run(long millis) throws Exception {
        long bytes = Cost.allocatedBytes();
        long before = heard.get();
        long begin = System.nanoTime();
        Thread.sleep(millis);
        long count = heard.get() - before;
        double rate = count * 1e9 / (System.nanoTime() - begin);
        return "rate " + rate + " lost " + lost.get() + " bytes " + (double) (Cost.allocatedBytes() - bytes) / count;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(GuestEvent event) {
        switch (event) {
            case GuestEvent.Happened _ -> heard.setRelease(heard.getPlain() + 1);
            case GuestEvent.Gap gap -> lost.addAndGet(gap.last() - gap.first() + 1);
        }
    }

    @Override
    public void onError(Throwable failure) {
        throw new IllegalStateException("the stream of events failed", failure);
    }

    @Override
    public void onComplete() {
        // closed with its client
    }
}
