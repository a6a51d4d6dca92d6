package dev.upcall.stub.agent;

import java.util.OptionalLong;

/// The agent's time: the server's may have any origin and pass the end of a long, the agent's starts with
/// 0.
public final class AgentClock {

    private static final long NEVER = Long.MAX_VALUE;

    private boolean started;
    private long origin;

    /// The first call starts it.
    public long of(long now) {
        if (!started) {
            started = true;
            origin = now;
        }
        return now - origin;
    }

    /// The server's time of one of the agent's deadlines; empty for never.
    public OptionalLong back(long deadline) {
        return deadline == NEVER ? OptionalLong.empty() : OptionalLong.of(origin + deadline);
    }
}
