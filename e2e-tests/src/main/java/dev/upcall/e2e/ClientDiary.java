package dev.upcall.e2e;

import dev.upcall.client.UpcallClient;
import dev.upcall.client.UpcallObserver;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.State;
import dev.upcall.proto.session.extended.News;
import dev.upcall.proto.session.request.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// What a client lived through, in order. Whoever waits for something in it is woken by it. Thread-safe.
public final class ClientDiary implements UpcallObserver {
    /// What can happen to a client.
    public sealed interface Entry {}

    public record Reached(State state) implements Entry {}

    public record Sent(Request request) implements Entry {}

    public record Ended(Request request, Outcome outcome) implements Entry {}

    public record CameLate(Request request, Outcome outcome) implements Entry {}

    public record Heard(News news) implements Entry {}

    /// Guarded by this.
    private final List<Entry> entries = new ArrayList<>();

    @Override
    public void stateChanged(UpcallClient client, State before, State after) {
        write(new Reached(after));
    }

    @Override
    public void requestSent(UpcallClient client, Request request) {
        write(new Sent(request));
    }

    @Override
    public void requestCompleted(UpcallClient client, Request request, Outcome outcome, long elapsedNanos) {
        write(new Ended(request, outcome));
    }

    @Override
    public void lateReply(UpcallClient client, Request request, Outcome outcome) {
        write(new CameLate(request, outcome));
    }

    @Override
    public void told(UpcallClient client, News news) {
        write(new Heard(news));
    }

    /// What an extended guest has let be known, of this kind, in order.
    public <T extends News> List<T> heard(Class<T> kind) {
        return entries().stream()
                .filter(Heard.class::isInstance)
                .map(entry -> ((Heard) entry).news())
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    public void awaitNews(int from, String what, Predicate<News> wanted, Duration atMost) {
        await(from, what, entry -> entry instanceof Heard heard && wanted.test(heard.news()), atMost);
    }

    public synchronized List<Entry> entries() {
        return List.copyOf(entries);
    }

    /// How many entries there are now: what is awaited from here on is new.
    public synchronized int now() {
        return entries.size();
    }

    /// The requests of which a frame has left, in order.
    public List<Request> sent() {
        return entries().stream()
                .filter(Sent.class::isInstance)
                .map(entry -> ((Sent) entry).request())
                .toList();
    }

    public void awaitState(Class<? extends State> state, Duration atMost) {
        awaitState(0, state, atMost);
    }

    /// @param from entries before this one do not count
    public void awaitState(int from, Class<? extends State> state, Duration atMost) {
        await(
                from,
                "the state " + state.getSimpleName(),
                e -> e instanceof Reached r && state.isInstance(r.state()),
                atMost);
    }

    public void awaitSent(Request request, Duration atMost) {
        await(0, request + " to be sent", new Sent(request)::equals, atMost);
    }

    /// @throws AssertionError with the whole diary, when the time is over
    public synchronized Entry await(int from, String what, Predicate<Entry> wanted, Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        int next = from;
        while (true) {
            for (; next < entries.size(); next++) {
                if (wanted.test(entries.get(next))) {
                    return entries.get(next);
                }
            }
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new AssertionError("waited " + atMost + " for " + what + "; the client's diary:\n" + text());
            }
            try {
                // Rounded up, for a wait of 0 would be one without end.
                wait(left / 1_000_000 + 1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting for " + what, e);
            }
        }
    }

    /// One line for each entry.
    public String text() {
        return String.join("\n", entries().stream().map(Entry::toString).toList());
    }

    private synchronized void write(Entry entry) {
        entries.add(entry);
        notifyAll();
    }
}
