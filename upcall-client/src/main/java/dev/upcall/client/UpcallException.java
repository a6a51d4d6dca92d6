package dev.upcall.client;

import dev.upcall.proto.guest.Hazard;
import dev.upcall.proto.session.Outcome;
import dev.upcall.proto.session.Trouble;
import java.io.IOException;
import java.util.concurrent.CompletionStage;

/// Why a request got no answer from the guest. A guest that answers with an errno has answered: that is
/// `Outcome.Refused`, not an exception.
///
/// The caller's real question is [#mayHaveTakenEffect]: may the guest have changed all the same?
public abstract sealed class UpcallException extends IOException {

    private static final long serialVersionUID = 1L;

    UpcallException(String message) {
        super(message);
    }

    /// True unless it is impossible that the guest carried the request out.
    public final boolean mayHaveTakenEffect() {
        return switch (this) {
            case NotConnected _ -> false; // nobody to send it to
            case NotSent _ -> false; // it waited, and left the queue unsent
            case UnsafeForGuest _ -> false; // held back on purpose
            case OutcomeUnknown _ -> true; // sent, and the answer is missing
            case PeerMisbehaved _ -> true; // sent, and the answer is nonsense
        };
    }

    static UpcallException of(Outcome outcome, CompletionStage<Outcome> late) {
        return switch (outcome) {
            case Outcome.NotSent o when o.cause() == Outcome.NotSentCause.NOT_CONNECTED -> new NotConnected(o.why());
            case Outcome.NotSent o -> new NotSent(o.cause(), o.why());
            case Outcome.Unknown o -> new OutcomeUnknown(o.cause(), o.why(), late);
            case Outcome.Unsafe o -> new UnsafeForGuest(o.hazard(), o.why());
            case Outcome.Misbehaved o -> new PeerMisbehaved(o.why());
            case Outcome.Answered o -> throw new IllegalArgumentException("an answer is no failure: " + o);
        };
    }

    /// The guest was not Connected in time; the message says why.
    public static final class NotConnected extends UpcallException {
        private static final long serialVersionUID = 1L;

        NotConnected(String why) {
            super("not connected: " + why);
        }

        NotConnected(Trouble trouble) {
            this(trouble.toString());
        }
    }

    /// Not a byte of the request left: queue full, guest busy, deadline in the queue, cancelled, closed.
    public static final class NotSent extends UpcallException {
        private static final long serialVersionUID = 1L;
        private final Outcome.NotSentCause cause;

        NotSent(Outcome.NotSentCause cause, String why) {
            super("not sent: " + why);
            this.cause = cause;
        }

        public Outcome.NotSentCause reason() {
            return cause;
        }
    }

    /// The request left and its answer is missing. Never to be read as success or failure.
    public static final class OutcomeUnknown extends UpcallException {
        private static final long serialVersionUID = 1L;
        private final Outcome.UnknownCause cause;
        private final transient CompletionStage<Outcome> late;

        OutcomeUnknown(Outcome.UnknownCause cause, String why, CompletionStage<Outcome> late) {
            super("outcome unknown: " + why);
            this.cause = cause;
            this.late = late;
        }

        public Outcome.UnknownCause reason() {
            return cause;
        }

        /// Completes with the truth if the late reply still arrives; otherwise never.
        public CompletionStage<Outcome> lateOutcome() {
            return late;
        }
    }

    /// The request was held back because it would crash, blind or cut off the guest.
    public static final class UnsafeForGuest extends UpcallException {
        private static final long serialVersionUID = 1L;
        private final Hazard hazard;

        UnsafeForGuest(Hazard hazard, String why) {
            super("unsafe for the guest: " + why);
            this.hazard = hazard;
        }

        public Hazard hazard() {
            return hazard;
        }
    }

    /// The guest's answer is not one; the message says what was expected and found.
    public static final class PeerMisbehaved extends UpcallException {
        private static final long serialVersionUID = 1L;

        PeerMisbehaved(String why) {
            super("the guest broke the protocol: " + why);
        }
    }
}
