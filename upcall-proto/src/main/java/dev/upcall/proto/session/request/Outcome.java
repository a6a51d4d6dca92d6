package dev.upcall.proto.session.request;

import dev.upcall.proto.guest.Hazard;
import java.util.OptionalInt;

/// How a request ended. Success is only what the guest proved.
public sealed interface Outcome {

    /// The guest answered, and this is what it said. The other outcomes are failures to get an answer.
    sealed interface Answered extends Outcome {

        /// True when the guest did what was asked; `Absent` and `Refused` are answers, not success.
        default boolean done() {
            return this instanceof Done;
        }
    }

    /// The guest carried it out.
    ///
    /// @param word what a CPU operation returned: the count on x86-64, a CPU id on arm64
    record Done(OptionalInt word) implements Answered {
        public static final Done PLAIN = new Done(OptionalInt.empty());
    }

    /// A repeated removal found nothing: the device is absent now; who removed it nobody knows.
    record Absent() implements Answered {}

    /// The guest answered with another result than 0.
    record Refused(int result) implements Answered {}

    /// Nobody knows whether the guest carried it out.
    record Unknown(UnknownCause cause, String why) implements Outcome {}

    /// The guest began another life while the request was out; the effect is not known to have survived.
    ///
    /// @param now how the new life is, where it could be asked
    record GuestRestarted(Now now, String why) implements Outcome {}

    /// The guest was asked: it is as if the request had never been carried out, and nothing is under way.
    record NotDone(String why) implements Outcome {}

    /// The request never left.
    record NotSent(NotSentCause cause, String why) implements Outcome {}

    /// The request was held back because it would harm the guest.
    record Unsafe(Hazard hazard, String why) implements Outcome {}

    /// The guest's reply is not one; whether it did anything nobody knows.
    record Misbehaved(String why) implements Outcome {}

    enum UnknownCause {
        /// The deadline passed; a late reply may still come.
        REPLY_DEADLINE,
        /// The connection was lost while the request was out.
        CONNECTION_LOST,
        /// A repeated ADD_MMIO found the window taken: probably by its own first copy.
        PROBABLY_DONE,
        /// The caller closed the session or cancelled while the request was out.
        CLOSED
    }

    /// How a restarted guest is, held against what was asked.
    enum Now {
        /// As the request wanted it.
        AS_WANTED,
        /// As if it had never been carried out.
        AS_BEFORE,
        /// Neither: a batch in part.
        IN_PART,
        /// It cannot be asked.
        NOT_KNOWN
    }

    enum NotSentCause {
        /// The queue is full.
        QUEUE_FULL,
        /// The caller did not want to wait and the guest could not be asked at once.
        BUSY,
        /// Connected, but other requests were in the way until the deadline.
        EXPIRED,
        /// Not Connected until the deadline, or given up.
        NOT_CONNECTED,
        CANCELLED,
        CLOSED,
        /// The device was plugged into a guest that is lost, and nobody has unregistered it (removal
        /// policy MANUAL).
        PEER_LOST,
        /// The guest has said that it ends.
        PEER_LEAVING
    }

    /// Whether the guest may have changed: true unless that is impossible.
    default boolean mayHaveTakenEffect() {
        return switch (this) {
            case Done _ -> true; // it did
            case Absent _ -> true; // perhaps by us
            case Refused _ -> true; // a batch may have been carried out in part (5.3)
            case Unknown _ -> true; // that is what unknown means
            case Misbehaved _ -> true; // it read the request before it answered nonsense
            case GuestRestarted r -> r.now() != Now.AS_BEFORE; // the life that may have is gone
            case NotDone _ -> false; // the guest shows that it has not
            case NotSent _ -> false; // not a byte left
            case Unsafe _ -> false; // not a byte left
        };
    }
}
