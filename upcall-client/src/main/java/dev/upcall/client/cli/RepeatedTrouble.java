package dev.upcall.client.cli;

import dev.upcall.proto.session.State;
import dev.upcall.proto.session.Trouble;
import org.jspecify.annotations.Nullable;

/// Tells changes that are news from another round of the same failed dial, so that a guest that is away for an hour is
/// a line and not thousands.
///
/// Confined to one thread.
final class RepeatedTrouble {
    /// The detail may differ from round to round, and is no news.
    private Trouble.@Nullable Kind last;

    private int rounds;
    private boolean repeating;

    /// Whether the change into this state is news. The first dial after a trouble still is; from the second failure for
    /// the same reason on, nothing is until the guest is there or the reason is another.
    boolean isNews(State after) {
        switch (after) {
            case State.Reconnecting s -> {
                repeating = s.trouble().kind() == last;
                last = s.trouble().kind();
                rounds = repeating ? rounds + 1 : rounds;
            }
            case State.WaitingServer _, State.WaitingService _ -> {}
            case State.Init _,
                    State.Connected _,
                    State.ServiceBusy _,
                    State.Overdue _,
                    State.Closed _,
                    State.GivenUp _ -> {
                repeating = false;
                last = null;
            }
        }
        return !repeating;
    }

    /// How often the same went by since this was asked; asked before news is told.
    int takeRounds() {
        int taken = rounds;
        rounds = 0;
        return taken;
    }
}
