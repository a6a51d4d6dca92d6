package dev.upcall.client.cli;

import dev.upcall.proto.session.State;
import dev.upcall.proto.session.Trouble;
import java.util.Optional;

/// A change of a session's state in words.
final class StateChange {
    private StateChange() {}

    /// `WaitingServer -> Reconnecting: the socket file does not exist …`.
    static String text(State before, State after) {
        return before.label() + " -> " + after.label()
                + trouble(after).map(trouble -> ": " + trouble).orElse("");
    }

    static Optional<Trouble> trouble(State state) {
        return switch (state) {
            case State.Reconnecting s -> Optional.of(s.trouble());
            case State.GivenUp s -> Optional.of(s.trouble());
            case State.Init _,
                    State.WaitingServer _,
                    State.WaitingService _,
                    State.Opening _,
                    State.Connected _,
                    State.ServiceBusy _,
                    State.Overdue _,
                    State.Closed _ -> Optional.empty();
        };
    }
}
