package dev.upcall.stub.observe;

import dev.upcall.stub.machine.MachineDump;
import java.util.List;
import java.util.Optional;

/// A guest's whole side at one moment.
///
/// @param moods as they are written
/// @param connections the open ones
/// @param connectionsOpened all there ever were
/// @param requests requests run, all connections and boots together
/// @param replies replies ready, lost ones included
/// @param executions operations begun on the machine, those never begun left out
/// @param agent empty for a stock guest
public record ServerDump(
        MachineDump machine,
        List<String> moods,
        List<ConnectionDump> connections,
        long connectionsOpened,
        long requests,
        long replies,
        List<ExecutionDump> executions,
        Optional<AgentDump> agent) {

    /// @param stage `CONNECT_LINE`, `PARKED`, `BLACK_HOLE`, or a stage of the package's table
    public record ConnectionDump(long id, String stage) {}

    /// How many times an operation was really begun, over all restarts and boots.
    ///
    /// @param plain as plain requests
    /// @param once inside EXECUTE_ONCE, replays not counted
    /// @param succeeded of both, those that ended with result 0
    public record ExecutionDump(String operation, long plain, long once, long succeeded) {}
}
