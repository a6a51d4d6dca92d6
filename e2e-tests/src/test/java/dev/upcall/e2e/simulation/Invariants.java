package dev.upcall.e2e.simulation;

import dev.upcall.proto.session.Event;
import dev.upcall.proto.session.Session;
import dev.upcall.proto.session.State;
import org.jspecify.annotations.Nullable;

/// What must be true after every step of a session, whatever happens.
public final class Invariants {

    /// A session that is told the time so often in a row without moving spins.
    private static final int SPINNING = 20;

    private final int queueMax;
    private int idleWakeUps;
    private long lastWakeUp;

    public Invariants(int queueMax) {
        this.queueMax = queueMax;
    }

    /// @param wired there is a transport
    /// @param out the request that is on it; null for none
    public void check(Session before, Event event, Session after, boolean wired, @Nullable Object out, long now) {
        if (hasTransport(after.state()) != wired) {
            throw new Broken(after.state() + (wired ? " with a transport" : " without a transport"));
        }
        if (wired && isOut(after.state()) != (out != null)) {
            throw new Broken(after.state() + " while on the wire is " + out);
        }
        if (waits(after) && after.nextDeadline() == Long.MAX_VALUE) {
            throw new Broken(after.state() + " waits without a deadline");
        }
        // The one whose reply was lost comes on top of the bound.
        if (after.queueLength() > queueMax + 1) {
            throw new Broken(after.queueLength() + " requests wait where " + queueMax + " may");
        }
        if (after.epoch() < before.epoch()) {
            throw new Broken("transport numbers fall");
        }
        if (event instanceof Event.TimePassed && now == lastWakeUp) {
            idleWakeUps++;
        } else {
            idleWakeUps = 0;
        }
        lastWakeUp = now;
        if (idleWakeUps > SPINNING) {
            throw new Broken(after.state() + " asks for the time again and again");
        }
    }

    public static boolean hasTransport(State state) {
        return switch (state) {
            case State.WaitingServer _,
                    State.WaitingService _,
                    State.Opening _,
                    State.Connected _,
                    State.ServiceBusy _,
                    State.Overdue _ -> true;
            case State.Init _, State.Reconnecting _, State.Closed _, State.GivenUp _ -> false;
        };
    }

    private static boolean isOut(State state) {
        return state instanceof State.ServiceBusy || state instanceof State.Overdue;
    }

    private static boolean waits(Session session) {
        return switch (session.state()) {
            case State.WaitingServer _,
                    State.WaitingService _,
                    State.Opening _,
                    State.ServiceBusy _,
                    State.Overdue _,
                    State.Reconnecting _ -> true;
            case State.Init _, State.Connected _, State.Closed _, State.GivenUp _ -> session.queueLength() > 0;
        };
    }
}
