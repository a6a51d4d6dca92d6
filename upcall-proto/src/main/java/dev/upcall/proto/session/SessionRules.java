package dev.upcall.proto.session;

import dev.upcall.proto.guest.Deadlines;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.guest.Safety;
import dev.upcall.proto.session.extended.ExtensionRules;
import java.time.Duration;

/// What does not change while a session lives.
///
/// @param hybrid whether the target wants the CONNECT line first
/// @param deadlines of the phases and operations
/// @param reconnect how to dial again
/// @param safety what may be asked of this guest
/// @param queueMax how many requests may wait; one more is refused. The one whose reply was lost with its
///     connection and that waits to be repeated comes on top
/// @param extensions whether the guest is asked for extensions, and how it is treated then
public record SessionRules(
        boolean hybrid,
        Deadlines deadlines,
        ReconnectPolicy reconnect,
        Safety safety,
        int queueMax,
        ExtensionRules extensions) {

    /// Far more than a VMM plugs at once, little enough to stay small: a waiting request is about 100 bytes.
    public static final int QUEUE_MAX_DEFAULT = 1024;

    /// How long a late reply is waited for beyond its deadline. The guest's own longest wait is 20 s behind two
    /// failing ADD_CPU; a connection whose guest thread crashed never answers, and must not be waited for for ever.
    public static final Duration OVERDUE_MAX = Duration.ofSeconds(60);

    /// A connection that lived this long was a good one even if nothing was asked on it. Shorter-lived ones count as
    /// attempts, so a peer that accepts and hangs up cannot make us spin.
    public static final Duration GOOD_AFTER = Duration.ofSeconds(1);

    /// A hybrid connection that is closed before OK after at least this long was parked (Firecracker parks for 2 s).
    public static final Duration PARKED_AFTER = Duration.ofMillis(1500);

    /// No guest restarts faster than this. A voluntary reconnect that took longer may have been parked until the
    /// guest had booted anew, so the picture of its CPUs is stale; one that was quick has met the same guest.
    public static final Duration SAME_GUEST_WITHIN = Duration.ofMillis(250);

    public SessionRules {
        if (queueMax < 1) {
            throw new IllegalArgumentException("queue length must be at least 1: " + queueMax);
        }
    }

    /// Without extensions.
    public SessionRules(boolean hybrid, Deadlines deadlines, ReconnectPolicy reconnect, Safety safety, int queueMax) {
        this(hybrid, deadlines, reconnect, safety, queueMax, ExtensionRules.OFF);
    }

    public SessionRules withExtensions(ExtensionRules rules) {
        return new SessionRules(hybrid, deadlines, reconnect, safety, queueMax, rules);
    }

    public static SessionRules of(GuestProfile profile, boolean hybrid) {
        return new SessionRules(
                hybrid, Deadlines.DEFAULT, ReconnectPolicy.DEFAULT, Safety.of(profile), QUEUE_MAX_DEFAULT);
    }
}
