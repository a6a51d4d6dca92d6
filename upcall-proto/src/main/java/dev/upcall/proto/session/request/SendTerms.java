package dev.upcall.proto.session.request;

/// How a caller wants its request treated. Immutable and shared by many requests.
///
/// @param replyNanos reply deadline from the moment of sending; 0: the profile's default for the operation
/// @param recoverNanos how long after a connection loss the request may be repeated where `Repetition` allows it;
///     0: never, the outcome is unknown at once
/// @param failIfBusy end as `NotSent(BUSY)` instead of waiting in the queue
/// @param sendUnsafe send even what would harm the guest: the caller knows better
/// @param remakeMmio after a repeated ADD_MMIO that finds its window taken, remove and add it again, so that its last
///     answer is the truth
public record SendTerms(
        long replyNanos, long recoverNanos, boolean failIfBusy, boolean sendUnsafe, boolean remakeMmio) {

    public static final SendTerms DEFAULT = new SendTerms(0, 0, false, false, false);

    public SendTerms {
        if (replyNanos < 0 || recoverNanos < 0) {
            throw new IllegalArgumentException(
                    "times must not be negative: reply " + replyNanos + " ns, recover " + recoverNanos + " ns");
        }
    }
}
