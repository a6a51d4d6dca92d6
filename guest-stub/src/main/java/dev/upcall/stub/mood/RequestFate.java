package dev.upcall.stub.mood;

/// What becomes of a request that has just arrived.
public enum RequestFate {
    RUN,
    RESET_CONNECTION,
    REBOOT_GUEST
}
