package dev.upcall.proto.session;

import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.extended.Extended;
import dev.upcall.proto.session.extended.Opened;
import dev.upcall.proto.session.request.Lingering;
import dev.upcall.proto.session.request.Pending;
import dev.upcall.proto.session.request.Waiting;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A session at one moment: its state, the requests that wait, and what lasts longer than they do. Immutable;
/// [Transitions] makes the next one.
public record Session(State state, Waiting waiting, Lasting lasting) {

    /// What most steps leave alone, and share.
    ///
    /// @param picture of the guest's CPUs
    /// @param lingering requests that may still run in the guest although their connection is gone
    /// @param epoch the number of the newest transport
    /// @param extended what is known of extensions; null where nobody is asked for them
    record Lasting(
            CpuPicture picture,
            Lingering lingering,
            long epoch,
            @Nullable Extended extended) {}

    /// A session that has not been started.
    public static Session begin(CpuPicture picture) {
        return new Session(new State.Init(), Waiting.NONE, new Lasting(picture, Lingering.NONE, 0, null));
    }

    /// What is known of the guest's CPUs.
    public CpuPicture picture() {
        return lasting.picture();
    }

    Lingering lingering() {
        return lasting.lingering();
    }

    /// The number of the newest transport; 0 before the first.
    public long epoch() {
        return lasting.epoch();
    }

    /// What is known of extensions; null where nobody is asked for them.
    public @Nullable Extended extended() {
        return lasting.extended();
    }

    /// The connection as an extended guest has opened it; null for every other.
    @Nullable
    Opened opened() {
        Extended extended = lasting.extended();
        return extended == null ? null : extended.opened();
    }

    /// How many requests wait to be sent.
    public int queueLength() {
        return waiting.size();
    }

    /// Every request that has not ended: the one that is out, then those that wait.
    public List<Pending> unfinished() {
        List<Pending> all = new ArrayList<>();
        if (state instanceof State.ServiceBusy busy) {
            all.add(busy.pending());
        }
        all.addAll(waiting.toList());
        return all;
    }

    /// Closed on the spot, without a step: for a driver that failed and has ended what was [#unfinished].
    public Session abandoned() {
        Extended left = lasting.extended() == null ? null : lasting.extended().hungUp();
        return new Session(
                new State.Closed(), Waiting.NONE, new Lasting(picture().lost(), lingering(), epoch(), left));
    }

    /// The tickets of all wishes that have not been answered.
    public List<Object> unansweredWishes() {
        Extended extended = extended();
        List<Object> tickets = new ArrayList<>();
        if (extended != null) {
            extended.askers().forEach(asker -> tickets.add(asker.ticket()));
            extended.events().offers().forEach(offer -> tickets.add(offer.ticket()));
        }
        return tickets;
    }

    /// When the driver must report `TimePassed` at the latest; `Long.MAX_VALUE` for never.
    public long nextDeadline() {
        Extended extended = extended();
        // Whoever closes wants to hear nothing more.
        return extended == null || state instanceof State.Closed
                ? ofRequests(true)
                : Math.min(
                        ofRequests(
                                extended.opened() == null || extended.opened().isFree()),
                        extended.nextDeadline(state instanceof State.Connected));
    }

    /// @param free false while the guest is asked for something that is no request
    private long ofRequests(boolean free) {
        long limit = waiting.earliestLimit();
        return switch (state) {
            case State.WaitingServer s -> Math.min(limit, s.deadline());
            case State.WaitingService s -> Math.min(limit, s.deadline());
            case State.Opening s -> Math.min(limit, s.deadline());
            case State.ServiceBusy s -> Math.min(limit, s.deadline());
            case State.Overdue s -> Math.min(limit, s.deadline());
            case State.Reconnecting s -> Math.min(limit, s.resumeAt());
            case State.Connected _ -> {
                Pending head = waiting.head();
                yield head == null || !free ? limit : Math.min(limit, Math.max(head.notBefore(), 0));
            }
            case State.Init _, State.Closed _, State.GivenUp _ -> limit;
        };
    }

    Session with(State next) {
        return new Session(next, waiting, lasting);
    }

    Session with(State next, CpuPicture newPicture) {
        return newPicture.equals(picture())
                ? with(next)
                : new Session(next, waiting, new Lasting(newPicture, lingering(), epoch(), extended()));
    }

    Session with(Extended next) {
        return new Session(state, waiting, new Lasting(picture(), lingering(), epoch(), next));
    }

    /// Another connection's state of the extensions; nothing where there are none.
    Session with(@Nullable Opened next) {
        Extended extended = extended();
        return extended == null ? this : with(extended.with(next));
    }

    /// The guest was asked what it has, and nothing of ours still runs there.
    Session pictured(CpuPicture newPicture, boolean nothingLingers) {
        Lingering left = nothingLingers ? Lingering.NONE : lingering();
        return new Session(state, waiting, new Lasting(newPicture, left, epoch(), extended()));
    }

    Session with(Waiting newWaiting) {
        return new Session(state, newWaiting, lasting);
    }

    Session with(State next, Waiting newWaiting) {
        return new Session(next, newWaiting, lasting);
    }

    /// The request is gone with its connection and may still run; what it was about is in doubt.
    Session lingers(Request request, long sentAt, long now) {
        Lasting doubted = new Lasting(
                picture().inDoubtAbout(request), lingering().and(request, sentAt, now), epoch(), extended());
        return new Session(state, waiting, doubted);
    }
}
