package dev.upcall.stub.service;

import dev.upcall.stub.machine.MachineDump;
import java.util.List;

/// A guest's whole side at one moment.
///
/// @param moods as they are written
/// @param connections the open ones
/// @param connectionsOpened all there ever were
/// @param requests requests run, all connections and boots together
/// @param replies replies ready, lost ones included
public record ServerDump(
        MachineDump machine,
        List<String> moods,
        List<ConnectionDump> connections,
        long connectionsOpened,
        long requests,
        long replies) {

    /// @param stage `CONNECT_LINE`, `PARKED`, or a stage of the package's table
    public record ConnectionDump(long id, String stage) {}
}
