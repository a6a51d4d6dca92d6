package dev.upcall.client;

import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.State;
import dev.upcall.proto.session.extended.News;
import dev.upcall.proto.session.request.Outcome;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The observers of one client, told in the order in which they came. What one of them throws is logged, and nobody
/// else notices.
///
/// Told on the event loop; added and removed from any thread. A request walks them four times, so they are an array
/// that is replaced, and telling them makes no iterator and no lambda.
final class Observers {

    private static final Logger LOG = LoggerFactory.getLogger(Observers.class);

    private final UpcallClient client;
    private volatile UpcallObserver[] all;

    Observers(UpcallClient client, List<UpcallObserver> first) {
        this.client = client;
        this.all = first.toArray(UpcallObserver[]::new);
    }

    synchronized void add(UpcallObserver observer) {
        UpcallObserver[] more = Arrays.copyOf(all, all.length + 1);
        more[all.length] = observer;
        all = more;
    }

    synchronized void remove(UpcallObserver observer) {
        int at = Arrays.asList(all).indexOf(observer);
        if (at >= 0) {
            UpcallObserver[] fewer = Arrays.copyOf(all, all.length - 1);
            System.arraycopy(all, at + 1, fewer, at, fewer.length - at);
            all = fewer;
        }
    }

    void stateChanged(State before, State after) {
        for (UpcallObserver observer : all) {
            try {
                observer.stateChanged(client, before, after);
            } catch (RuntimeException e) {
                failed(observer, e);
            }
        }
    }

    void requestSent(Request request) {
        for (UpcallObserver observer : all) {
            try {
                observer.requestSent(client, request);
            } catch (RuntimeException e) {
                failed(observer, e);
            }
        }
    }

    void requestCompleted(Request request, Outcome outcome, long elapsedNanos) {
        for (UpcallObserver observer : all) {
            try {
                observer.requestCompleted(client, request, outcome, elapsedNanos);
            } catch (RuntimeException e) {
                failed(observer, e);
            }
        }
    }

    void lateReply(Request request, Outcome outcome) {
        for (UpcallObserver observer : all) {
            try {
                observer.lateReply(client, request, outcome);
            } catch (RuntimeException e) {
                failed(observer, e);
            }
        }
    }

    void told(News news) {
        for (UpcallObserver observer : all) {
            try {
                observer.told(client, news);
            } catch (RuntimeException e) {
                failed(observer, e);
            }
        }
    }

    /// Each is given its own view of the bytes.
    void traffic(boolean toGuest, ByteBuffer bytes) {
        for (UpcallObserver observer : all) {
            try {
                if (observer.traces()) {
                    observer.traffic(client, toGuest, bytes.duplicate());
                }
            } catch (RuntimeException e) {
                failed(observer, e);
            }
        }
    }

    boolean traces() {
        for (UpcallObserver observer : all) {
            if (observer.traces()) {
                return true;
            }
        }
        return false;
    }

    private void failed(UpcallObserver observer, RuntimeException e) {
        LOG.warn(
                "event=observer_failed target={} observer={}",
                client.target(),
                observer.getClass().getName(),
                e);
    }
}
