package dev.upcall.proto.session;

import dev.upcall.proto.message.Request;
import org.jspecify.annotations.Nullable;

/// A request on its way: waiting, out, or waiting to be repeated.
///
/// @param ticket the driver's own handle; the machine only compares it
/// @param request what the caller asked for
/// @param terms how it wants it treated
/// @param sendBy when waiting to be sent for the first time ends
/// @param again set once a copy was lost with its connection
public record Pending(
        Object ticket,
        Request request,
        SendTerms terms,
        long sendBy,
        @Nullable Again again) {

    public Pending(Object ticket, Request request, SendTerms terms, long sendBy) {
        this(ticket, request, terms, sendBy, null);
    }

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
        RESTORE
    }

    /// When waiting in the queue ends.
    long limit() {
        return again == null ? sendBy : again.giveUpAt();
    }

    /// No copy leaves before this time.
    long notBefore() {
        return again == null ? Long.MIN_VALUE : again.notBefore();
    }

    /// What goes on the wire now.
    Request wireRequest() {
        return again != null && again.step() == Step.CLEAR && request instanceof Request.AddMmio add
                ? new Request.DelMmio(add.device())
                : request;
    }

    Pending again(Step step, long notBefore, long giveUpAt) {
        return new Pending(ticket, request, terms, sendBy, new Again(step, notBefore, giveUpAt));
    }
}
