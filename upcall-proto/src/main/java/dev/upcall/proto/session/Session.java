package dev.upcall.proto.session;

import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.message.Request;
import java.util.ArrayList;
import java.util.List;

/// A session at one moment: its state, the requests that wait, the picture of the guest's CPUs, the requests that may
/// still run in the guest although their connection is gone, and the number of the newest transport. Immutable;
/// [Transitions] makes the next one.
public record Session(State state, Waiting waiting, CpuPicture picture, Lingering lingering, long epoch) {

    /// A session that has not been started.
    public static Session begin(CpuPicture picture) {
        return new Session(new State.Init(), Waiting.NONE, picture, Lingering.NONE, 0);
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
        return new Session(new State.Closed(), Waiting.NONE, picture.lost(), lingering, epoch);
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
        return new Session(next, waiting, picture, lingering, epoch);
    }

    Session with(State next, CpuPicture newPicture) {
        return new Session(next, waiting, newPicture, lingering, epoch);
    }

    Session with(Waiting newWaiting) {
        return new Session(state, newWaiting, picture, lingering, epoch);
    }

    /// The request is gone with its connection and may still run; what it was about is in doubt.
    Session lingers(Request request, long sentAt, long now) {
        return new Session(state, waiting, picture.inDoubtAbout(request), lingering.and(request, sentAt, now), epoch);
    }
}
