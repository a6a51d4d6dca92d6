package dev.upcall.client;

import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.session.Session;
import dev.upcall.proto.session.State;
import dev.upcall.proto.session.Trouble;
import java.util.Optional;

/// A client at one moment.
///
/// @param state the session's state
/// @param queueLength requests that wait to be sent
/// @param picture what the client believes of the guest's CPUs
/// @param trouble why there is no connection, where that is known: while it is dialled again, why the last dial failed
public record UpcallStatus(State state, int queueLength, CpuPicture picture, Optional<Trouble> trouble) {

    static UpcallStatus of(Session session) {
        State state = session.state();
        return new UpcallStatus(state, session.queueLength(), session.picture(), state.whyNot());
    }

    /// True where the guest has announced itself: idle, busy, or waiting for an overdue reply.
    public boolean connected() {
        return switch (state) {
            case State.Connected _, State.ServiceBusy _, State.Overdue _ -> true;
            case State.Init _,
                    State.WaitingServer _,
                    State.WaitingService _,
                    State.Reconnecting _,
                    State.Closed _,
                    State.GivenUp _ -> false;
        };
    }
}
