package dev.upcall.client.session;

import dev.upcall.client.transport.DialFailure;
import dev.upcall.client.transport.HybridTarget;
import dev.upcall.client.transport.PathWatch;
import dev.upcall.client.transport.Target;
import dev.upcall.client.transport.Transports;
import dev.upcall.proto.session.Action;
import dev.upcall.proto.session.Event;
import dev.upcall.proto.session.Session;
import dev.upcall.proto.session.SessionRules;
import dev.upcall.proto.session.State;
import dev.upcall.proto.session.Transitions;
import dev.upcall.proto.session.extended.Wish;
import dev.upcall.proto.session.extended.WishAnswer;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Pending;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The thin driver of one guest's session.
///
/// Confined to its event loop; the two exceptions are [#post], which any thread may call, and [#session], a published
/// snapshot. Time is `System.nanoTime` since the driver was made, as the machine wants it.
public final class SessionDriver {

    private static final Logger LOG = LoggerFactory.getLogger(SessionDriver.class);

    private final EventLoop loop;
    private final Target target;
    private final SessionRules rules;
    private final Transitions transitions;
    private final SessionListener listener;
    private final Supplier<PathWatch> paths;
    private final long origin = System.nanoTime();

    /// Actions of the step under way; reused, because a step is never made inside a step.
    private final List<Action> actions = new ArrayList<>();

    /// Events that arose while a step's actions were carried out.
    private final ArrayDeque<Event> inbox = new ArrayDeque<>();

    /// How many of [#actions] have been begun.
    private int performed;

    private boolean stepping;
    private volatile Session session;

    private @Nullable Link link;
    private @Nullable ScheduledFuture<?> timer;
    private long timerAt = Long.MAX_VALUE;
    private PathWatch.@Nullable Watched pathWatch;

    /// @param loop everything happens there
    /// @param paths tells when a socket file appears; asked for only once there is a file to wait for, because it
    ///     brings threads of its own
    public SessionDriver(
            EventLoop loop,
            Target target,
            SessionRules rules,
            Session initial,
            SessionListener listener,
            Supplier<PathWatch> paths) {
        this.loop = loop;
        this.target = target;
        this.rules = rules;
        this.transitions = new Transitions(rules);
        this.session = initial;
        this.listener = listener;
        this.paths = paths;
    }

    /// The session as the last step left it. Any thread.
    public Session session() {
        return session;
    }

    public EventLoop loop() {
        return loop;
    }

    /// Nanoseconds on the session's clock. Any thread.
    public long now() {
        return System.nanoTime() - origin;
    }

    /// Reports an event from any thread.
    public void post(Event event) {
        if (loop.inEventLoop()) {
            handle(event);
        } else {
            loop.execute(() -> handle(event));
        }
    }

    /// Reports an event. Event loop only.
    public void handle(Event event) {
        if (stepping) {
            inbox.add(event);
            return;
        }
        stepping = true;
        try {
            Event next = event;
            while (next != null) {
                step(next);
                next = inbox.poll();
            }
            stepping = false;
        } catch (RuntimeException e) {
            abandon(event, e);
        }
        armTimer();
    }

    /// A bug of ours: nobody shall wait for a session that cannot go on.
    private void abandon(Event event, RuntimeException bug) {
        LOG.error(
                "event=session_abandoned target={} cause={}",
                target,
                event.getClass().getSimpleName(),
                bug);
        Session before = session;
        List<Pending> unfinished = new ArrayList<>(before.unfinished());
        List<Object> wishes = new ArrayList<>(before.unansweredWishes());
        inbox.addFirst(event);
        for (Event left : inbox) {
            if (left instanceof Event.Wished(Wish.Answered wish) && !wishes.contains(wish.ticket())) {
                wishes.add(wish.ticket());
            }
            if (left instanceof Event.RequestSubmitted(Pending pending) && !unfinished.contains(pending)) {
                unfinished.add(pending);
            }
        }
        for (Action left : actions.subList(performed, actions.size())) {
            if (left instanceof Action.Complete(Pending pending, Outcome _)) {
                unfinished.add(pending);
            }
            if (left instanceof Action.AnswerWish(Object ticket, WishAnswer _) && !wishes.contains(ticket)) {
                wishes.add(ticket);
            }
        }
        inbox.clear();
        actions.clear();
        session = before.abandoned();
        stepping = false;
        Link open = link;
        if (open != null) {
            link = null;
            open.drop();
        }
        closePathWatch();
        cancelTimer();
        for (Pending pending : unfinished) {
            listener.completed(pending, new Outcome.Unknown(Outcome.UnknownCause.CLOSED, "a bug of ours: " + bug));
        }
        for (Object ticket : wishes) {
            listener.wishEnded(ticket, new WishAnswer.Denied(WishAnswer.Cause.CLOSED, "a bug of ours: " + bug));
        }
        listener.stateChanged(before, session);
    }

    private void step(Event event) {
        Session before = session;
        Session after = transitions.step(before, event, now(), actions);
        session = after;
        for (performed = 0; performed < actions.size(); ) {
            perform(actions.get(performed++));
        }
        actions.clear();
        if (!before.state().equals(after.state())) {
            listener.stateChanged(before, after);
            watchPath(after.state());
        }
    }

    private void perform(Action action) {
        switch (action) {
            case Action.Transmit a -> {
                listener.sent(a.request());
                link(a.epoch()).transmit(a.request());
            }
            case Action.TransmitOnce a -> {
                listener.sent(a.request());
                link(a.epoch()).transmit(a.once());
            }
            case Action.Send a -> link(a.epoch()).transmit(a.message());
            case Action.Tell a -> listener.told(a.news());
            case Action.AnswerWish a -> listener.wishEnded(a.ticket(), a.answer());
            case Action.Complete a -> listener.completed(a.pending(), a.outcome());
            case Action.CompleteLate a -> listener.completedLate(a.pending(), a.outcome());
            case Action.OpenTransport a -> openTransport(a.epoch());
            case Action.DropTransport a -> {
                link(a.epoch()).drop();
                link = null;
            }
            case Action.SendConnectLine a -> link(a.epoch()).sendConnectLine(hybridPort());
            case Action.SendServiceByte a -> link(a.epoch()).sendServiceByte();
        }
    }

    private long hybridPort() {
        if (target instanceof HybridTarget hybrid) {
            return hybrid.port();
        }
        throw new IllegalStateException(target + " wants no CONNECT line");
    }

    private void openTransport(long epoch) {
        Link opened = new Link(epoch, rules.hybrid(), this::handle, listener);
        link = opened;
        ChannelFuture dialled = Transports.dial(target, loop, opened);
        opened.bind(dialled.channel());
        dialled.addListener(done -> {
            if (!done.isSuccess() && !done.isCancelled()) {
                handle(new Event.DialFailed(epoch, Dialling.troubleOf(DialFailure.of(target, done.cause()))));
            }
        });
    }

    /// The machine orders only about the transport it opened last.
    private Link link(long epoch) {
        Link live = link;
        if (live == null || live.epoch() != epoch) {
            throw new IllegalStateException("transport " + epoch + " is not the live one");
        }
        return live;
    }

    /// One timer per session, moved only when the next deadline is earlier: request deadlines rise, so in steady
    /// state it is never touched.
    private void armTimer() {
        long deadline = session.nextDeadline();
        if (deadline >= timerAt) {
            return;
        }
        ScheduledFuture<?> old = timer;
        if (old != null) {
            old.cancel(false);
        }
        timerAt = deadline;
        timer = loop.schedule(this::timerFired, Math.max(0, deadline - now()), TimeUnit.NANOSECONDS);
    }

    private void timerFired() {
        timer = null;
        timerAt = Long.MAX_VALUE;
        if (session.nextDeadline() <= now()) {
            handle(new Event.TimePassed());
        } else {
            armTimer();
        }
    }

    /// While there is no connection, whatever happens at the socket's path is a reason to dial at once.
    ///
    /// A watch once begun is kept: a guest that went once will go again, and beginning and ending one each
    /// waits for the thread of the JDK's watch service, which a guest that just came back need not pay for.
    private void watchPath(State state) {
        switch (state) {
            case State.Reconnecting _ -> {
                Optional<Path> path = target.socketFile();
                if (pathWatch == null && path.isPresent()) {
                    pathWatch = paths.get().watch(path.get(), () -> post(new Event.PathChanged()));
                    // What happened before the watch began would be missed.
                    if (Files.exists(path.get())) {
                        inbox.add(new Event.PathChanged());
                    }
                }
            }
            case State.Closed _, State.GivenUp _ -> {
                closePathWatch();
                cancelTimer();
            }
            case State.Init _,
                    State.WaitingServer _,
                    State.WaitingService _,
                    State.Opening _,
                    State.Connected _,
                    State.ServiceBusy _,
                    State.Overdue _ -> {}
        }
    }

    private void cancelTimer() {
        ScheduledFuture<?> old = timer;
        if (old != null) {
            old.cancel(false);
            timer = null;
            timerAt = Long.MAX_VALUE;
        }
    }

    private void closePathWatch() {
        PathWatch.Watched watch = pathWatch;
        pathWatch = null;
        if (watch != null) {
            watch.close();
        }
    }
}
