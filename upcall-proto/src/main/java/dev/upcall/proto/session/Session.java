package dev.upcall.proto.session;

import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.message.Request;
import java.util.ArrayList;
import java.util.List;

/// A session at one moment: its state, the requests that wait, and what lasts longer than they do. Immutable;
/// [Transitions] makes the next one.
public record Session(State state, Waiting waiting, Lasting lasting) {

    /// What most steps leave alone, and share.
    ///
    /// @param picture of the guest's CPUs
    /// @param lingering requests that may still run in the guest although their connection is gone
    /// @param epoch the number of the newest transport
    record Lasting(CpuPicture picture, Lingering lingering, long epoch) {}

    /// A session that has not been started.
    public static Session begin(CpuPicture picture) {
        return new Session(new State.Init(), Waiting.NONE, new Lasting(picture, Lingering.NONE, 0));
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
        return new Session(
                new State.Closed(), Waiting.NONE, new Lasting(picture().lost(), lingering(), epoch()));
    }

    /// When the driver must report `TimePassed` at the latest; `Long.MAX_VALUE` for never.
    public long nextDeadline() {
        long limit = waiting.earliestLimit();
        return switch (state) {
            case State.WaitingServer s -> Math.min(limit, s.deadline());
            case State.WaitingService s -> Math.min(limit, s.deadline());
            case State.ServiceBusy s -> Math.min(limit, s.deadline());
            case State.Overdue s -> Math.min(limit, s.deadline());
            case State.Reconnecting s -> Math.min(limit, s.resumeAt());
            case State.Connected _ -> {
                Pending head = waiting.head();
                yield head == null ? limit : Math.min(limit, Math.max(head.notBefore(), 0));
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
                : new Session(next, waiting, new Lasting(newPicture, lingering(), epoch()));
    }

    Session with(Waiting newWaiting) {
        return new Session(state, newWaiting, lasting);
    }

    Session with(State next, Waiting newWaiting) {
        return new Session(next, newWaiting, lasting);
    }

    /// The request is gone with its connection and may still run; what it was about is in doubt.
    Session lingers(Request request, long sentAt, long now) {
        Lasting doubted =
                new Lasting(picture().inDoubtAbout(request), lingering().and(request, sentAt, now), epoch());
        return new Session(state, waiting, doubted);
    }
}
