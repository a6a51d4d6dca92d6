package dev.upcall.proto.extension.liveness;

import dev.upcall.proto.extension.Handshake;
import java.time.Duration;
import java.util.Optional;

/// How hard a client looks whether its guest is alive (§2).
///
/// @param interval wished time from the end of one probe to the next, 100 ms … 60 s; the guest's answer decides
/// @param replyDeadline how long a probe may be out before it is a miss; empty = one interval
/// @param missThreshold so many misses in a row are LOST, 1 or more
/// @param reconnectGrace a connection lost and back with the same epoch within this time has not happened
public record LivenessRules(
        Duration interval, Optional<Duration> replyDeadline, int missThreshold, Duration reconnectGrace) {

    public static final LivenessRules DEFAULT =
            new LivenessRules(Duration.ofMillis(Handshake.INTERVAL_DEFAULT_MS), Optional.empty(), 1, Duration.ZERO);

    public LivenessRules {
        if (interval.toMillis() < Handshake.INTERVAL_MIN_MS || interval.toMillis() > Handshake.INTERVAL_MAX_MS) {
            throw new IllegalArgumentException("probe interval must be " + Handshake.INTERVAL_MIN_MS + " ms to "
                    + Handshake.INTERVAL_MAX_MS + " ms: " + interval.toMillis() + " ms");
        }
        if (replyDeadline.isPresent() && !replyDeadline.get().isPositive()) {
            throw new IllegalArgumentException("probe reply deadline must be positive: " + replyDeadline.get());
        }
        if (missThreshold < 1) {
            throw new IllegalArgumentException("missThreshold must be at least 1: " + missThreshold);
        }
        if (reconnectGrace.isNegative()) {
            throw new IllegalArgumentException("reconnectGrace must not be negative: " + reconnectGrace);
        }
    }
}
