package dev.upcall.stub.service;

/// Carries on with what a connection has left unread.
@FunctionalInterface
interface Pump {
    void pump(Connection connection, long now);
}
