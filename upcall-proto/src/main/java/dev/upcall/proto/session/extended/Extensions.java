package dev.upcall.proto.session.extended;

/// Whether a guest is asked for the extensions (§1 of "Extended guests").
public enum Extensions {
    /// It is asked; a stock guest falls back silently and stays fully usable.
    AUTO,
    /// It is not asked and served like a stock guest.
    OFF,
    /// It is asked, and a stock guest is the end of the session.
    REQUIRED
}
