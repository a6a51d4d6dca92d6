package dev.upcall.client;

import dev.upcall.proto.guest.Hazard;
import dev.upcall.proto.session.Trouble;
import dev.upcall.proto.session.extended.WishAnswer;
import dev.upcall.proto.session.request.Outcome;
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
            case GuestRestarted e -> e.now() != Outcome.Now.AS_BEFORE; // the life that may have is gone
            case NotCarriedOut _ -> false; // the guest was asked, and shows nothing of it
            case PeerLost _, PeerLeaving _ -> false; // not a byte left
            case NotSupported _, InventoryUnstable _ -> false; // nothing was asked that changes a guest
        };
    }

    static UpcallException of(Outcome outcome, CompletionStage<Outcome> late) {
        return switch (outcome) {
            case Outcome.NotSent o when o.cause() == Outcome.NotSentCause.NOT_CONNECTED -> new NotConnected(o.why());
            case Outcome.NotSent o when o.cause() == Outcome.NotSentCause.PEER_LOST -> new PeerLost(o.why());
            case Outcome.NotSent o when o.cause() == Outcome.NotSentCause.PEER_LEAVING -> new PeerLeaving(o.why());
            case Outcome.GuestRestarted o -> new GuestRestarted(o.now(), o.why());
            case Outcome.NotDone o -> new NotCarriedOut(o.why());
            case Outcome.NotSent o -> new NotSent(o.cause(), o.why());
            case Outcome.Unknown o -> new OutcomeUnknown(o.cause(), o.why(), late);
            case Outcome.Unsafe o -> new UnsafeForGuest(o.hazard(), o.why());
            case Outcome.Misbehaved o -> new PeerMisbehaved(o.why());
            case Outcome.Answered o -> throw new IllegalArgumentException("an answer is no failure: " + o);
        };
    }

    static UpcallException of(WishAnswer.Denied denied) {
        return switch (denied.cause()) {
            case NOT_CONNECTED -> new NotConnected(denied.why());
            case UNSUPPORTED -> new NotSupported(denied.why());
            case UNSTABLE -> new InventoryUnstable(denied.why());
            case NO_ROOM -> new NotSent(Outcome.NotSentCause.QUEUE_FULL, denied.why());
            case GUEST_RESTARTED -> new GuestRestarted(Outcome.Now.NOT_KNOWN, denied.why());
            case CLOSED -> new NotSent(Outcome.NotSentCause.CLOSED, denied.why());
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

    /// The guest began another life while the request was out; the effect is not known to have survived.
    public static final class GuestRestarted extends UpcallException {
        private static final long serialVersionUID = 1L;
        private final Outcome.Now now;

        GuestRestarted(Outcome.Now now, String why) {
            super("guest restarted: " + why);
            this.now = now;
        }

        /// How the new life is, held against what was asked.
        public Outcome.Now now() {
            return now;
        }
    }

    /// The reply was lost; the guest was asked, and it is as if the request had never been carried out.
    public static final class NotCarriedOut extends UpcallException {
        private static final long serialVersionUID = 1L;

        NotCarriedOut(String why) {
            super("not carried out: " + why);
        }
    }

    /// The device went with a lost guest and nobody has unregistered it (removal policy MANUAL).
    public static final class PeerLost extends UpcallException {
        private static final long serialVersionUID = 1L;

        PeerLost(String why) {
            super("peer lost: " + why);
        }
    }

    /// The guest has said that it ends and accepts nothing more.
    public static final class PeerLeaving extends UpcallException {
        private static final long serialVersionUID = 1L;

        PeerLeaving(String why) {
            super("peer leaving: " + why);
        }
    }

    /// The guest is a stock one, or has not agreed to the feature.
    public static final class NotSupported extends UpcallException {
        private static final long serialVersionUID = 1L;

        NotSupported(String why) {
            super("not supported: " + why);
        }
    }

    /// The guest changed faster than its inventory could be read.
    public static final class InventoryUnstable extends UpcallException {
        private static final long serialVersionUID = 1L;

        InventoryUnstable(String why) {
            super("inventory unstable: " + why);
        }
    }
}
