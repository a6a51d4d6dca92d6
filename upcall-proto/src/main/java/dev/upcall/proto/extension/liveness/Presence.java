package dev.upcall.proto.extension.liveness;

import dev.upcall.proto.extension.Epoch;
import java.time.Duration;
import java.util.List;

/// Whether the guest is there: four sources of loss, one input; the first wins, the others change nothing (§2).
/// Immutable; the table is in the package's documentation. A voluntary reconnect is not told here: it is no loss.
public sealed interface Presence {

    /// No extended guest has been met.
    record Unmet() implements Presence {}

    /// It answers.
    record There(Epoch epoch) implements Presence {}

    /// Its connection is lost, and it may still come back in time.
    record Doubted(Epoch epoch, long until) implements Presence {}

    /// It is gone.
    record Gone(Epoch epoch) implements Presence {}

    static Presence unmet() {
        return new Unmet();
    }

    /// A connection was opened, or a probe answered, under this epoch.
    default Presence alive(Epoch epoch, List<? super Verdict> out) {
        switch (this) {
            case Unmet _ -> out.add(new Verdict.Alive(epoch));
            case There p -> out.add(same(p.epoch(), epoch));
            case Doubted p -> out.add(same(p.epoch(), epoch));
            case Gone p -> out.add(same(p.epoch(), epoch));
        }
        return new There(epoch);
    }

    /// End of stream or reset.
    default Presence connectionLost(Duration grace, long now, List<? super Verdict> out) {
        return switch (this) {
            case There p when grace.isPositive() -> new Doubted(p.epoch(), now + grace.toNanos());
            case There p -> gone(p.epoch(), LossCause.CONNECTION, out);
            case Unmet _, Doubted _, Gone _ -> this;
        };
    }

    /// The probes have ended with LOST.
    default Presence probeLost(List<? super Verdict> out) {
        return lost(LossCause.PROBE, out);
    }

    /// A terminal event has come.
    default Presence leaving(List<? super Verdict> out) {
        return lost(LossCause.ORDERLY_EXIT, out);
    }

    default Presence timePassed(long now, List<? super Verdict> out) {
        return this instanceof Doubted p && now >= p.until() ? gone(p.epoch(), LossCause.CONNECTION, out) : this;
    }

    /// When [#timePassed] must be called at the latest; `Long.MAX_VALUE` for never.
    default long nextDeadline() {
        return this instanceof Doubted p ? p.until() : Long.MAX_VALUE;
    }

    private Presence lost(LossCause cause, List<? super Verdict> out) {
        return switch (this) {
            case There p -> gone(p.epoch(), cause, out);
            case Doubted p -> gone(p.epoch(), cause, out);
            case Unmet _, Gone _ -> this;
        };
    }

    private static Presence gone(Epoch epoch, LossCause cause, List<? super Verdict> out) {
        out.add(new Verdict.Lost(epoch, cause));
        return new Gone(epoch);
    }

    private static Verdict same(Epoch before, Epoch epoch) {
        return before.equals(epoch) ? new Verdict.Alive(epoch) : new Verdict.Restarted(before, epoch);
    }
}
