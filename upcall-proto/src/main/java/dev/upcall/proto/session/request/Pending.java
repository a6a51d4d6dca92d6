package dev.upcall.proto.session.request;

import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.extended.Extended;
import org.jspecify.annotations.Nullable;

/// A request on its way: waiting, out, or waiting to be repeated.
///
/// @param ticket the driver's own handle; the machine only compares it
/// @param request what the caller asked for
/// @param terms how it wants it treated
/// @param sendBy when waiting to be sent for the first time ends
/// @param again set once a copy was lost with its connection
/// @param sent set once it left for an extended guest that can tell what became of it
public record Pending(
        Object ticket,
        Request request,
        SendTerms terms,
        long sendBy,
        @Nullable Again again,
        @Nullable Sent sent) {

    public Pending(Object ticket, Request request, SendTerms terms, long sendBy) {
        this(ticket, request, terms, sendBy, null, null);
    }

    /// To whom it left.
    ///
    /// @param onceId of its EXECUTE_ONCE; 0 for a plain request
    /// @param to the life of the guest
    /// @param forgotten the guest no longer keeps its outcome
    public record Sent(long onceId, Extended.Life to, boolean forgotten) {}

    /// A request that is sent a second time.
    ///
    /// @param step what goes out next
    /// @param notBefore the first copy may still wait for the guest's hotplug lock until then
    /// @param giveUpAt when the outcome is unknown for good
    public record Again(Step step, long notBefore, long giveUpAt) {}

    /// The ways to the truth after a lost reply (`upcall-wire` 5.7).
    public enum Step {
        /// The same request once more.
        REPEAT,
        /// DEL_MMIO of the window, so that the following ADD_MMIO starts from a known state.
        CLEAR,
        /// ADD_MMIO after CLEAR: its answer is plain truth.
        RESTORE,
        /// The guest it left for can tell what became of it (§4, §5): nothing is concluded from a second
        /// copy.
        SETTLE
    }

    /// When waiting in the queue ends.
    public long limit() {
        return again == null ? sendBy : again.giveUpAt();
    }

    /// No copy leaves before this time.
    public long notBefore() {
        return again == null ? Long.MIN_VALUE : again.notBefore();
    }

    /// What goes on the wire now.
    public Request wireRequest() {
        return again != null && again.step() == Step.CLEAR && request instanceof Request.AddMmio add
                ? new Request.DelMmio(add.device())
                : request;
    }

    public Pending again(Step step, long notBefore, long giveUpAt) {
        return new Pending(ticket, request, terms, sendBy, new Again(step, notBefore, giveUpAt), sent);
    }

    public Pending sent(Sent how) {
        return new Pending(ticket, request, terms, sendBy, again, how);
    }

    /// It is known never to have been carried out: as if it had not left.
    public Pending anew() {
        return new Pending(ticket, request, terms, limit());
    }

    /// True where its reply was lost and the guest is to tell what became of it.
    public boolean isUnsettled() {
        return again != null && again.step() == Step.SETTLE;
    }

    /// True where it left as EXECUTE_ONCE.
    public boolean isOnce() {
        return sent != null && sent.onceId() != 0;
    }
}
