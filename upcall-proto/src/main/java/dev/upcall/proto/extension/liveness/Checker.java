package dev.upcall.proto.extension.liveness;

import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.Handshake;
import dev.upcall.proto.extension.HandshakeReply;
import java.util.List;
import java.util.Optional;

/// The handshake that goes on (§2), for one connection: when to probe, and what the answers mean. Immutable;
/// the table is in the package's documentation. Times are nanoseconds on the driver's clock.
///
/// @param terms what the opening agreed
/// @param phase where it stands
/// @param sequence of the last HANDSHAKE on this connection; OPEN was 1
/// @param provenAt when the guest last gave a sign of life
public record Checker(Terms terms, Phase phase, long sequence, long provenAt) {

    private static final long NEVER = Long.MAX_VALUE;

    /// What the opening agreed.
    ///
    /// @param epoch the guest's
    /// @param interval from the end of one probe to the next, nanoseconds
    /// @param replyWithin a probe is missed after this, nanoseconds
    /// @param missThreshold misses in a row that are LOST
    public record Terms(Epoch epoch, long interval, long replyWithin, int missThreshold) {

        /// @param agreed the opening's answer
        public static Terms of(HandshakeReply.Open agreed, LivenessRules rules) {
            long interval = agreed.intervalMs() * 1_000_000L;
            long replyWithin = rules.replyDeadline().map(d -> d.toNanos()).orElse(interval);
            return new Terms(agreed.guestEpoch(), interval, replyWithin, rules.missThreshold());
        }
    }

    public sealed interface Phase {}

    /// The guest is idle; the next probe leaves then.
    public record Idle(long probeAt) implements Phase {}

    /// A request is out, and its own deadline is the loss detector.
    public record Busy() implements Phase {}

    /// A probe is out.
    ///
    /// @param deadline when it is missed, or missed again
    /// @param misses in a row
    public record Probing(long deadline, int misses) implements Phase {}

    /// The verdict was given; this connection is over.
    public record Ended() implements Phase {}

    /// The connection has just been opened.
    public static Checker begin(Terms terms, long now) {
        return new Checker(terms, new Idle(now + terms.interval()), 1, now);
    }

    /// A request is about to leave. Not while a probe is out ([#isProbing]): the request waits for its answer.
    public Checker requestSent() {
        return switch (phase) {
            case Idle _ -> with(new Busy());
            case Busy _, Ended _ -> this;
            case Probing _ -> throw new IllegalStateException("a probe is out: the request must wait for its answer");
        };
    }

    /// The guest is idle again: the request that was out has ended. Its reply was a frame, see [#frameHeard].
    public Checker requestEnded(long now) {
        return phase instanceof Busy ? with(new Idle(now + terms.interval())) : this;
    }

    /// A complete frame has come, of whatever kind but a probe's answer: proof of life. A probe that is out
    /// stays out.
    public Checker frameHeard(long now) {
        return switch (phase) {
            case Idle _ -> heard(new Idle(now + terms.interval()), now);
            case Busy p -> heard(p, now);
            case Probing _ -> heard(new Probing(now + terms.replyWithin(), 0), now);
            case Ended _ -> this;
        };
    }

    /// A probe's answer has come. One that nobody asked for is a breach of the protocol, to be told from here by
    /// [#isProbing].
    public Checker answered(HandshakeReply.Probe reply, long now, List<? super ProbeOrder> out) {
        if (!(phase instanceof Probing probing)) {
            return this;
        }
        Optional<String> wrong = wrong(reply);
        if (wrong.isPresent()) {
            return missed(probing, wrong.get(), now, out);
        }
        if (!reply.guestEpoch().equals(terms.epoch())) {
            out.add(new ProbeOrder.Restarted(reply.guestEpoch()));
            return heard(new Ended(), now);
        }
        out.add(new ProbeOrder.Alive(reply.guestEpoch()));
        return heard(new Idle(now + terms.interval()), now);
    }

    public Checker timePassed(long now, List<? super ProbeOrder> out) {
        return switch (phase) {
            case Idle p
            when now >= p.probeAt() -> {
                out.add(new ProbeOrder.SendProbe(new Handshake.Probe(sequence + 1)));
                yield new Checker(terms, new Probing(now + terms.replyWithin(), 0), sequence + 1, provenAt);
            }
            case Probing p
            when now >= p.deadline() -> missed(p, "no answer to probe " + sequence + " in time", now, out);
            case Idle _, Busy _, Probing _, Ended _ -> this;
        };
    }

    /// True while a probe is out: nothing else may be asked.
    public boolean isProbing() {
        return phase instanceof Probing;
    }

    /// When [#timePassed] must be called at the latest; `Long.MAX_VALUE` for never.
    public long nextDeadline() {
        return switch (phase) {
            case Idle p -> p.probeAt();
            case Probing p -> p.deadline();
            case Busy _, Ended _ -> NEVER;
        };
    }

    private Checker missed(Probing probing, String why, long now, List<? super ProbeOrder> out) {
        int misses = probing.misses() + 1;
        if (misses >= terms.missThreshold()) {
            out.add(new ProbeOrder.Lost(why));
            return with(new Ended());
        }
        out.add(new ProbeOrder.Missed(misses, why));
        return with(new Probing(now + terms.interval(), misses));
    }

    private Optional<String> wrong(HandshakeReply.Probe reply) {
        if (reply.mask() != Handshake.MASK) {
            return Optional.of(
                    "probe answered with mask 0x%04X, expected 0x%04X".formatted(reply.mask(), Handshake.MASK));
        }
        return reply.sequence() == sequence
                ? Optional.empty()
                : Optional.of(
                        "probe " + sequence + " answered with sequence " + Long.toUnsignedString(reply.sequence()));
    }

    private Checker with(Phase next) {
        return new Checker(terms, next, sequence, provenAt);
    }

    private Checker heard(Phase next, long now) {
        return new Checker(terms, next, sequence, now);
    }
}
