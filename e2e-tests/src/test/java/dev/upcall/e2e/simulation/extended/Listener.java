package dev.upcall.e2e.simulation.extended;

import dev.upcall.e2e.simulation.Broken;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventAck;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.extension.event.EventOrder;
import dev.upcall.proto.extension.liveness.BindingOrder;
import dev.upcall.proto.extension.liveness.Verdict;
import dev.upcall.proto.session.Event;
import dev.upcall.proto.session.extended.News;
import dev.upcall.proto.session.extended.Wish;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Whoever watches a client, and holds what it is told against itself and against the guest: events gap-free
/// or announced, each as it was raised; BIND and UNBIND alternating; nothing of a life that was unbound.
final class Listener {

    private final Host host;
    private final ExtendedSimulation world;

    // the stream of events
    private @Nullable Epoch stream;
    private long last;
    private boolean held;
    private long taken;
    private long tablesLost;
    private @Nullable Epoch table;

    // what is bound
    private @Nullable Epoch bound;
    private @Nullable Epoch before;
    private @Nullable Epoch lost;
    private final Set<DeviceReference> removed = new HashSet<>();

    Listener(Host host) {
        this.host = host;
        this.world = host.world;
    }

    @Nullable
    Epoch bound() {
        return bound;
    }

    /// The guest has begun another once-table since, as the openings said.
    boolean tableLostSince(Asked asked) {
        return tablesLost > asked.tablesLost;
    }

    long tablesLost() {
        return tablesLost;
    }

    long last() {
        return last;
    }

    // ------------------------------------------------------------------ news

    void told(News news) {
        switch (news) {
            case News.Greeted n -> greeted(n.agreed());
            case News.Judged n -> judged(n.verdict());
            case News.Binding n -> binding(n.order());
            case News.Happened n -> happened(n.event());
            case News.Missed n -> missed(n.gap());
            case News.Discarded n ->
                world.tally.saw("event discarded " + n.what().cause());
            case News.Probed n -> world.tally.saw("probe " + n.result());
            case News.Replayed _ -> world.tally.saw("replayed");
        }
    }

    /// What must hold between steps.
    void check() {
        if (host.session.extended() != null
                && host.isOpened()
                && bound != null
                && stream != null
                && !bound.equals(stream)
                && host.session.extended().events().receiver() != null) {
            throw new Broken("bound to " + bound + " and listening to " + stream);
        }
    }

    private void greeted(Optional<HandshakeReply.Open> agreed) {
        if (agreed.isEmpty()) {
            world.tally.saw("met a stock guest");
            table = null;
            tablesLost++;
            return;
        }
        HandshakeReply.Open open = agreed.get();
        if (!open.guestEpoch().equals(table) || open.onceLost()) {
            tablesLost++;
            table = open.guestEpoch();
        }
        if (open.onceLost()) {
            world.tally.saw("once_lost");
        }
        if (!open.guestEpoch().equals(stream) || open.onceLost()) {
            stream = open.guestEpoch();
            last = open.nextEvent() - 1;
            taken = last;
        }
    }

    private void judged(Verdict verdict) {
        switch (verdict) {
            case Verdict.Alive _ -> world.tally.saw("verdict ALIVE");
            case Verdict.Restarted _ -> world.tally.saw("verdict RESTARTED");
            case Verdict.Lost v -> {
                world.tally.saw("verdict LOST by " + v.cause());
                if (v.epoch().equals(lost)) {
                    throw new Broken("LOST twice: " + v);
                }
            }
        }
        lost = verdict instanceof Verdict.Lost v ? v.epoch() : null;
    }

    private void binding(BindingOrder order) {
        switch (order) {
            case BindingOrder.Bind b -> {
                world.tally.saw("BIND(" + b.cause() + ")");
                BindingOrder.BindCause due = before == null
                        ? BindingOrder.BindCause.FIRST
                        : before.equals(b.epoch()) ? BindingOrder.BindCause.RESUMED : BindingOrder.BindCause.RESTARTED;
                if (bound != null || b.cause() != due) {
                    throw new Broken(b + " while bound to " + bound + ", before to " + before);
                }
                bound = b.epoch();
                removed.clear();
            }
            case BindingOrder.Unbind u -> {
                world.tally.saw("UNBIND(" + u.cause() + ")");
                if (!u.epoch().equals(bound)) {
                    throw new Broken(u + " while bound to " + bound);
                }
                before = bound;
                bound = null;
            }
            case BindingOrder.Removed r -> {
                world.tally.saw("REMOVED");
                if (bound != null || !r.epoch().equals(before) || !removed.add(r.device())) {
                    throw new Broken(r + " while bound to " + bound + ", before to " + before + ", removed " + removed);
                }
            }
            case BindingOrder.RenewPicture _ -> throw new Broken(order + " is no news");
        }
    }

    private void happened(EventNotify event) {
        world.tally.saw("event " + event.kind());
        if (!event.epoch().equals(stream) || event.sequence() != last + 1) {
            throw new Broken(event + " after " + last + " of " + stream);
        }
        if (bound == null && event.epoch().equals(before)) {
            throw new Broken(event + " although " + before + " was unbound");
        }
        last = event.sequence();
        if (event.epoch().equals(world.guest.epoch())) {
            EventNotify raised = world.guest.raised(event.sequence());
            EventNotify same = new EventNotify(
                    event.epoch(),
                    event.sequence(),
                    event.kind(),
                    event.device(),
                    event.detail(),
                    event.timeNanos(),
                    0);
            if (!same.equals(raised)) {
                throw new Broken(event + " was raised as " + raised);
            }
        }
        var _ = host.absence.takeLong();
    }

    private void missed(EventOrder.Gap gap) {
        world.tally.saw("gap");
        if (gap.first() != last + 1) {
            throw new Broken(gap + " after " + last);
        }
        boolean mayMiss = host.absence.takeLong();
        if (stream != null && stream.equals(world.guest.epoch()) && !mayMiss) {
            for (long s = gap.first(); s <= gap.last(); s++) {
                EventNotify raised = world.guest.raised(s);
                if (raised != null && raised.kind() == EventKind.USER) {
                    throw new Broken(gap + " swallows the user event " + raised);
                }
            }
        }
        last = gap.last();
    }

    // ------------------------------------------------------------------ acknowledgements

    /// Nothing is acknowledged that was not heard, or that the listener has not taken while it holds back.
    void acknowledges(EventAck ack) {
        long most = held ? Math.min(last, taken) : last;
        boolean hearsNow = host.hearing instanceof EventNotify e && e.sequence() == ack.sequence() && !held;
        if (!ack.epoch().equals(stream) || (ack.sequence() > most && !hearsNow)) {
            throw new Broken(ack + " while " + most + " of " + stream + " is the last"
                    + (held ? " that was taken" : " that was heard"));
        }
    }

    void hold(boolean hold) {
        if (hold != held) {
            held = hold;
            taken = last;
            host.happens(new Event.Wished(new Wish.HoldEvents(hold)));
        }
    }

    /// Takes some of what has come.
    void take() {
        if (held && stream != null && taken < last) {
            taken += 1 + world.random.nextLong(last - taken);
            host.happens(new Event.Wished(new Wish.TakeEvents(stream, taken)));
        }
    }
}
