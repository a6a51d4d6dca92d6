package dev.upcall.e2e.simulation.extended;

/// Whether the guest had any connection of a client, as the guest knows it: user events wait only so long for
/// one that is away.
final class Absence {

    private int open;
    private long since;
    private boolean tooLong;

    void cameBack(long now) {
        if (open == 0 && ExtendedGuest.isLongAbsent(since, now)) {
            tooLong = true;
        }
        open++;
    }

    void wentAway(long now) {
        open--;
        since = now;
    }

    /// It was away for so long that it may miss user events; asked once.
    boolean takeLong() {
        boolean was = tooLong;
        tooLong = false;
        return was;
    }
}
