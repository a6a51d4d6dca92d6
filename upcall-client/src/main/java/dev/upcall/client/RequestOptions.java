package dev.upcall.client;

import dev.upcall.proto.session.request.SendTerms;
import java.time.Duration;

/// How one request is treated. Immutable; start from [#DEFAULT].
///
/// A call ends at the latest after `queueTimeout` + its reply deadline + `recoveryTimeout`.
///
/// @param queueTimeout how long it may wait to be sent, from submission
/// @param replyTimeout from sending to the answer; zero: the default of its operation (`Deadlines`)
/// @param recoveryTimeout how long after a connection loss it may be repeated, where that is harmless
///     (virtio-mmio after 25 s, PCI at once, CPUs never); zero: never, its outcome is then unknown at once
/// @param failIfBusy end at once when the guest cannot be asked at once
/// @param sendUnsafe send even what would harm the guest
/// @param remakeMmio let a repeated ADD_MMIO that finds its window taken remove and add it again
public record RequestOptions(
        Duration queueTimeout,
        Duration replyTimeout,
        Duration recoveryTimeout,
        boolean failIfBusy,
        boolean sendUnsafe,
        boolean remakeMmio) {

    /// Long enough for a guest that boots meanwhile, short enough for a caller that waits.
    public static final Duration QUEUE_TIMEOUT_DEFAULT = Duration.ofSeconds(30);

    /// The hold-off of 25 s, the reconnect, and the second copy's own 15 s, with room.
    public static final Duration RECOVERY_TIMEOUT_DEFAULT = Duration.ofSeconds(60);

    public static final RequestOptions DEFAULT =
            new RequestOptions(QUEUE_TIMEOUT_DEFAULT, Duration.ZERO, RECOVERY_TIMEOUT_DEFAULT, false, false, false);

    public RequestOptions {
        if (queueTimeout.isNegative() || replyTimeout.isNegative() || recoveryTimeout.isNegative()) {
            throw new IllegalArgumentException("time-outs must not be negative: queue " + queueTimeout + ", reply "
                    + replyTimeout + ", recovery " + recoveryTimeout);
        }
    }

    public RequestOptions withQueueTimeout(Duration timeout) {
        return new RequestOptions(timeout, replyTimeout, recoveryTimeout, failIfBusy, sendUnsafe, remakeMmio);
    }

    public RequestOptions withReplyTimeout(Duration timeout) {
        return new RequestOptions(queueTimeout, timeout, recoveryTimeout, failIfBusy, sendUnsafe, remakeMmio);
    }

    public RequestOptions withRecoveryTimeout(Duration timeout) {
        return new RequestOptions(queueTimeout, replyTimeout, timeout, failIfBusy, sendUnsafe, remakeMmio);
    }

    public RequestOptions withFailIfBusy(boolean fail) {
        return new RequestOptions(queueTimeout, replyTimeout, recoveryTimeout, fail, sendUnsafe, remakeMmio);
    }

    public RequestOptions withSendUnsafe(boolean unsafe) {
        return new RequestOptions(queueTimeout, replyTimeout, recoveryTimeout, failIfBusy, unsafe, remakeMmio);
    }

    public RequestOptions withRemakeMmio(boolean remake) {
        return new RequestOptions(queueTimeout, replyTimeout, recoveryTimeout, failIfBusy, sendUnsafe, remake);
    }

    SendTerms terms() {
        return new SendTerms(replyTimeout.toNanos(), recoveryTimeout.toNanos(), failIfBusy, sendUnsafe, remakeMmio);
    }
}
