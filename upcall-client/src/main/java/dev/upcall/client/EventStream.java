package dev.upcall.client;

import dev.upcall.client.session.SessionDriver;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.session.Event;
import dev.upcall.proto.session.extended.News;
import dev.upcall.proto.session.extended.Wish;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/// A guest's events for any number of subscribers: each once, in order, gaps told.
///
/// Back-pressure: while there are subscribers, an event is acknowledged only once the slowest of them has
/// taken it, and
/// the
/// guest stops at 256 that are not. Reconnects can bring more than that; what is too much for the buffer
/// becomes a gap.
/// Subscribers are called on the guest's event loop; everything here is confined to it.
final class EventStream implements Flow.Publisher<GuestEvent> {

    /// Twice the guest's window: one that is not acknowledged, and one that a reconnect brought.
    private static final int BUFFERED_MAX = 512;

    /// Events taken are told in such steps, and what is less once all that was read together has been heard: a step of
    /// the session for each would cost as much as the event itself.
    private static final int TAKEN_STEP = 32;

    private final SessionDriver driver;
    private final List<Reader> readers = new ArrayList<>();
    private @Nullable Epoch sender;
    private long latest;
    private long told;
    private boolean telling;
    private boolean ended;

    EventStream(SessionDriver driver) {
        this.driver = driver;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super GuestEvent> subscriber) {
        driver.loop().execute(() -> {
            Reader reader = new Reader(subscriber);
            subscriber.onSubscribe(reader);
            if (ended) {
                subscriber.onComplete();
            } else if (!reader.cancelled) {
                readers.add(reader);
                hold(readers.size() == 1, true);
            }
        });
    }

    void told(News news) {
        if (readers.isEmpty()) {
            return;
        }
        if (news instanceof News.Happened(EventNotify event)) {
            if (!event.epoch().equals(sender)) {
                sender = event.epoch();
                told = 0;
            }
            latest = event.sequence();
            offer(new GuestEvent.Happened(event));
        } else if (news instanceof News.Missed missed) {
            offer(new GuestEvent.Gap(missed.gap().first(), missed.gap().last()));
        }
    }

    /// The client is closed: what is buffered is still handed out, then the stream ends.
    void end() {
        ended = true;
        for (Reader reader : List.copyOf(readers)) {
            reader.drain();
        }
    }

    private void offer(GuestEvent event) {
        for (Reader reader : List.copyOf(readers)) {
            reader.offer(event);
        }
        tellTaken(true);
    }

    /// All of it that every subscriber has taken.
    ///
    /// @param readMayGoOn more events may have come with this one
    private void tellTaken(boolean readMayGoOn) {
        Epoch of = sender;
        long upTo = latest;
        for (Reader reader : readers) {
            GuestEvent next = reader.waiting.peekFirst();
            upTo = next == null ? upTo : Math.min(upTo, next.first() - 1);
        }
        if (of == null || upTo <= told) {
            return;
        }
        if (upTo - told >= TAKEN_STEP || (upTo == latest && !readMayGoOn)) {
            told = upTo;
            driver.handle(new Event.Wished(new Wish.TakeEvents(of, upTo)));
        } else if (upTo == latest && !telling) {
            telling = true;
            driver.loop().execute(this::tellRest);
        }
    }

    private void tellRest() {
        telling = false;
        tellTaken(false);
    }

    private void hold(boolean changes, boolean held) {
        if (changes) {
            driver.handle(new Event.Wished(new Wish.HoldEvents(held)));
        }
    }

    /// One subscriber and what waits for its demand.
    private final class Reader implements Flow.Subscription {

        private final Flow.Subscriber<? super GuestEvent> subscriber;
        private final ArrayDeque<GuestEvent> waiting = new ArrayDeque<>();
        private long demand;
        private boolean draining;
        private boolean cancelled;

        Reader(Flow.Subscriber<? super GuestEvent> subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public void request(long n) {
            driver.loop().execute(() -> {
                if (n <= 0) {
                    gone();
                    subscriber.onError(new IllegalArgumentException("demand must be positive: " + n));
                    return;
                }
                demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
                drain();
                tellTaken(false);
            });
        }

        @Override
        public void cancel() {
            cancelled = true; // at once for a subscriber that cancels from within a call
            driver.loop().execute(this::gone);
        }

        void offer(GuestEvent event) {
            GuestEvent newest = waiting.size() < BUFFERED_MAX ? null : waiting.pollLast();
            waiting.addLast(
                    newest == null ? event : new GuestEvent.Gap(Math.min(newest.first(), event.first()), event.last()));
            drain();
        }

        void drain() {
            if (draining) {
                return;
            }
            draining = true;
            while (demand > 0 && !cancelled && !waiting.isEmpty()) {
                demand -= demand == Long.MAX_VALUE ? 0 : 1;
                subscriber.onNext(waiting.removeFirst());
            }
            draining = false;
            if (ended && waiting.isEmpty() && !cancelled) {
                cancelled = true;
                readers.remove(this);
                subscriber.onComplete();
            }
        }

        private void gone() {
            cancelled = true;
            if (readers.remove(this)) {
                hold(readers.isEmpty(), false);
                tellTaken(false);
            }
        }
    }
}
