package dev.upcall.proto.session.request;

import dev.upcall.proto.guest.Repetition;
import dev.upcall.proto.guest.Verdict;
import dev.upcall.proto.message.Reply;
import dev.upcall.proto.session.request.Outcome.NotSentCause;
import dev.upcall.proto.session.request.Outcome.UnknownCause;
import dev.upcall.proto.session.request.Pending.Step;

/// What is concluded from an answer, or from its absence. Pure.
public final class Conclusion {

    private Conclusion() {}

    public static Outcome plain(Reply.Answer answer) {
        if (!answer.succeeded()) {
            return new Outcome.Refused(answer.result());
        }
        return answer.word().isPresent() ? new Outcome.Done(answer.word()) : Outcome.Done.PLAIN;
    }

    /// How a late answer reads: nothing more is sent for a request that has ended.
    public static Outcome late(Pending pending, Reply.Answer answer) {
        Pending.Again again = pending.again();
        if (again == null || again.step() == Step.RESTORE || again.step() == Step.SETTLE) {
            return plain(answer);
        }
        Repetition.Reading reading = Repetition.read(pending.wireRequest(), answer.result());
        if (again.step() == Step.CLEAR) {
            boolean gone = answer.succeeded() || reading == Repetition.Reading.ABSENT;
            return gone ? new Outcome.Absent() : notCleared("result " + answer.result()); // and not added again
        }
        return switch (reading) {
            case PLAIN -> plain(answer);
            case ABSENT -> new Outcome.Absent();
            case PROBABLY_DONE -> probablyDone(pending);
        };
    }

    public static Outcome probablyDone(Pending pending) {
        return new Outcome.Unknown(
                UnknownCause.PROBABLY_DONE,
                "probably done: repeated after its reply was lost, " + pending.request()
                        + " found the window or IRQ taken");
    }

    public static Outcome notCleared(String why) {
        return new Outcome.Unknown(UnknownCause.PROBABLY_DONE, "the window is taken and could not be cleared: " + why);
    }

    /// Only the removal that would clear the way can be held back after a copy has left.
    public static Outcome heldBack(Pending pending, Verdict.Unsafe unsafe) {
        return pending.again() == null ? new Outcome.Unsafe(unsafe.hazard(), unsafe.why()) : notCleared(unsafe.why());
    }

    /// How a request that leaves the queue ends: a copy that was sent before makes it unknown, else it never left.
    public static Outcome leaving(Pending pending, NotSentCause unsent, UnknownCause sent, String why) {
        return pending.again() == null
                ? new Outcome.NotSent(unsent, why)
                : new Outcome.Unknown(sent, "its reply was lost with the connection, and then: " + why);
    }
}
