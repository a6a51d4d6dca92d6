package dev.upcall.e2e.simulation.extended;

import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.liveness.LivenessRules;
import dev.upcall.proto.extension.liveness.RemovalPolicy;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.session.extended.Extensions;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/// What kind of run a seed makes: the guest and its clients, how fast things go, and which faults it prefers.
/// Each inclination is nothing, little or much, so that a fault that needs quiet around it is seen as well as
/// one that needs company.
///
/// @param profile the guest's kernel
/// @param hybrid whether the target wants a CONNECT line
/// @param possible how many CPUs the guest may have
/// @param hosts how many clients share the guest
/// @param queueMax how many requests may wait
/// @param attemptsMax dials in one budget
/// @param pace mean nanoseconds between two wishes of a client
/// @param gloom mean nanoseconds between two turns of the weather
/// @param latency nanoseconds that a byte usually takes
/// @param steps how long the storm lasts
/// @param served features of the guest
/// @param offered features of the clients
/// @param wanted whether clients insist
/// @param inclinations weights of faults
record Climate(
        GuestProfile profile,
        boolean hybrid,
        int possible,
        int hosts,
        int queueMax,
        int attemptsMax,
        long pace,
        long gloom,
        long latency,
        int steps,
        Features served,
        Features offered,
        Extensions wanted,
        LivenessRules liveness,
        RemovalPolicy removal,
        Map<Fault, Integer> inclinations) {

    static final long MILLI = 1_000_000L;
    static final long SECOND = 1_000 * MILLI;

    static Climate of(SplittableRandom r) {
        GuestProfile[] profiles = GuestProfile.values();
        long latency = scale(r, MILLI / 100, 20 * MILLI);
        Map<Fault, Integer> inclinations = new EnumMap<>(Fault.class);
        for (Fault fault : Fault.values()) {
            inclinations.put(fault, weight(r));
        }
        return new Climate(
                profiles[r.nextInt(profiles.length)],
                r.nextInt(4) != 0,
                2 + r.nextInt(5),
                r.nextInt(3) == 0 ? 2 + r.nextInt(2) : 1,
                1 + r.nextInt(8),
                r.nextInt(8) == 0 ? 2 + r.nextInt(6) : Integer.MAX_VALUE,
                scale(r, 3 * latency, 5 * SECOND),
                scale(r, 5 * MILLI, 20 * SECOND),
                latency,
                300 + r.nextInt(500),
                features(r),
                features(r),
                r.nextInt(6) == 0 ? Extensions.REQUIRED : Extensions.AUTO,
                liveness(r),
                r.nextBoolean() ? RemovalPolicy.AUTO : RemovalPolicy.MANUAL,
                inclinations);
    }

    /// What both sides have.
    boolean agrees(Feature feature) {
        return served.and(offered).has(feature);
    }

    int inclination(Fault fault) {
        return inclinations.getOrDefault(fault, 0);
    }

    private static Features features(SplittableRandom r) {
        return r.nextInt(5) == 0 ? new Features(r.nextInt(16)) : Features.ALL;
    }

    private static LivenessRules liveness(SplittableRandom r) {
        Optional<Duration> deadline =
                r.nextInt(3) == 0 ? Optional.of(Duration.ofMillis(50 + r.nextInt(3000))) : Optional.empty();
        return new LivenessRules(
                Duration.ofMillis(scale(r, 100, 4000)),
                deadline,
                r.nextInt(3) == 0 ? 1 + r.nextInt(3) : 1,
                r.nextInt(3) == 0 ? Duration.ofMillis(r.nextInt(3000)) : Duration.ZERO);
    }

    /// Nothing, little or much.
    private static int weight(SplittableRandom r) {
        return switch (r.nextInt(4)) {
            case 0, 1 -> 0;
            case 2 -> 1 + r.nextInt(3);
            default -> 5 + r.nextInt(15);
        };
    }

    /// Between two times, each order of magnitude as likely as the next.
    private static long scale(SplittableRandom r, long from, long to) {
        return (long) (from * Math.pow((double) to / from, r.nextDouble()));
    }
}
