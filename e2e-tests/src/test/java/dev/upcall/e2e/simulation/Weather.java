package dev.upcall.e2e.simulation;

import dev.upcall.proto.guest.GuestProfile;
import java.util.SplittableRandom;

/// What kind of run a seed makes: the guest, how fast things go, and which faults it prefers.
///
/// Each weight is nothing, little or much, so that runs differ in kind and not only in detail: a fault that needs quiet
/// around it is seen as well as one that needs company.
///
/// @param profile the guest's kernel
/// @param hybrid whether the target wants a CONNECT line
/// @param possible how many CPUs the guest may have
/// @param queueMax how many requests may wait
/// @param attemptsMax dials in one budget
/// @param pace mean nanoseconds between two wishes of the embedder
/// @param gloom mean nanoseconds between two turns of the weather
/// @param clearing chance of 100 that a turn is for the better
/// @param latency nanoseconds that a byte usually takes
/// @param lateTimers nanoseconds by which the driver may be late
/// @param steps how long the storm lasts
/// @param reckless some requests are sent although they harm the guest
/// @param mistaken some pictures are wrong
/// @param torn requests may reach the guest in part, which no client can make harmless
/// @param closing the embedder may close before its time
/// @param moods weight of a mood of the guest
/// @param resets weight of an abrupt end of the connection
/// @param reboots weight of a reboot
/// @param noise weight of frames nobody asked for, old facts and idle wake-ups
/// @param changes weight of the VMM and the guest's own administrator changing things
/// @param missing weight of the socket file being away
/// @param mangled chance of 1000 that a piece from the guest is changed
/// @param cut chance of 1000 that the stream ends inside a piece from the guest
/// @param lost chance of 1000 that a piece from the guest never comes
/// @param slow chance of 1000 that a piece is on its way for seconds or minutes
/// @param dialFailures chance of 100 that a dial fails
record Weather(
        GuestProfile profile,
        boolean hybrid,
        int possible,
        int queueMax,
        int attemptsMax,
        long pace,
        long gloom,
        int clearing,
        long latency,
        long lateTimers,
        int steps,
        boolean reckless,
        boolean mistaken,
        boolean torn,
        boolean closing,
        int moods,
        int resets,
        int reboots,
        int noise,
        int changes,
        int missing,
        int mangled,
        int cut,
        int lost,
        int slow,
        int dialFailures) {

    static final long MILLI = 1_000_000L;
    static final long SECOND = 1_000 * MILLI;

    static Weather of(SplittableRandom r) {
        GuestProfile[] profiles = GuestProfile.values();
        long latency = scale(r, MILLI / 100, 20 * MILLI);
        return new Weather(
                profiles[r.nextInt(profiles.length)],
                r.nextInt(5) != 0,
                2 + r.nextInt(5),
                1 + r.nextInt(8),
                r.nextInt(8) == 0 ? 1 + r.nextInt(6) : Integer.MAX_VALUE,
                scale(r, 3 * latency, 10 * SECOND),
                scale(r, 20 * MILLI, 60 * SECOND),
                r.nextInt(90),
                latency,
                r.nextInt(3) == 0 ? scale(r, MILLI, 100 * MILLI) : 0,
                150 + r.nextInt(250),
                r.nextInt(20) == 0,
                r.nextInt(20) == 0,
                r.nextInt(20) == 0,
                r.nextInt(6) == 0,
                weight(r),
                weight(r),
                weight(r),
                weight(r),
                weight(r),
                weight(r),
                weight(r) * 3,
                weight(r) * 3,
                weight(r) * 3,
                weight(r) * 5,
                weight(r) * 3);
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
