package dev.upcall.e2e.simulation.extended;

/// What is done to a run. Each is counted when it is really done ([Tally]), and each run prefers some of
/// them.
enum Fault {
    // to a frame on its way, of 1000
    SPLIT_TO_GUEST(Place.FRAME),
    SPLIT_FROM_GUEST(Place.FRAME),
    DELAYED(Place.FRAME),
    /// The connection is reset behind so many bytes of a frame, 0 … 1024.
    RESET_IN_FRAME_TO_GUEST(Place.FRAME),
    RESET_IN_FRAME_FROM_GUEST(Place.FRAME),
    /// An answer never comes although the connection stays.
    REPLY_LOST(Place.FRAME),
    /// The guest's machine has carried something out, and in place of the answer the guest is gone.
    GONE_BEFORE_REPLY(Place.FRAME),
    MANGLED(Place.FRAME),

    // to a connection
    DIAL_FAILED(Place.DIAL),
    /// One end notices the end of a connection long after the other.
    NOTICED_LATE(Place.DIAL),
    RESET(Place.WEATHER),
    /// The connection stays and nothing comes through any more.
    BLACK_HOLE(Place.WEATHER),
    /// A frame that nobody has asked for.
    UNASKED(Place.WEATHER),
    /// A fact about a connection that is long gone.
    STALE_FACT(Place.WEATHER),

    // to the guest
    AGENT_RESTART(Place.WEATHER),
    REBOOT(Place.WEATHER),
    /// Gone for a while, then booted anew.
    CRASH(Place.WEATHER),
    /// The guest goes back to an earlier moment of the same boot; its agent begins another epoch.
    RESTORED(Place.WEATHER),
    PAUSED(Place.WEATHER),
    ORDERLY_EXIT(Place.WEATHER),
    /// A stock kernel in place of an extended one.
    STOCK_BOOT(Place.WEATHER),
    /// So many other clients that the least recently used are forgotten.
    EVICTION(Place.WEATHER),
    /// All client epochs have an open connection.
    CROWDED(Place.WEATHER),
    /// More kernel events at once than are kept.
    OVERFLOW(Place.WEATHER),
    /// The guest's answers come late, its events do not.
    SLOW_ANSWERS(Place.WEATHER),
    /// Hands in the VMM and in the guest.
    CHANGE(Place.WEATHER),

    // by the client
    CLIENT_RESTARTED(Place.WEATHER),
    CANCELLED(Place.OWN),
    POLICY_CHANGED(Place.OWN),
    EVENTS_HELD(Place.OWN),
    LATE_TIMER(Place.OWN);

    enum Place {
        FRAME,
        DIAL,
        WEATHER,
        OWN
    }

    final Place place;

    Fault(Place place) {
        this.place = place;
    }

    /// Something is really lost, ended or changed by it; the others only make time pass or pieces smaller.
    boolean isHard() {
        return switch (this) {
            case SPLIT_TO_GUEST, SPLIT_FROM_GUEST, DELAYED, SLOW_ANSWERS, LATE_TIMER, POLICY_CHANGED, EVENTS_HELD ->
                false;
            default -> true;
        };
    }
}
