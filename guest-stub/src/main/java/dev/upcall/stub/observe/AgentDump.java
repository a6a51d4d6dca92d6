package dev.upcall.stub.observe;

import dev.upcall.proto.extension.service.ClientState;
import dev.upcall.proto.extension.service.CloseReason;
import dev.upcall.proto.extension.service.GuestIdentity;
import java.util.List;
import java.util.Map;

/// The agent of an extended guest at one moment.
///
/// @param leaving it has sent its terminal event
/// @param clients the epochs it remembers, least recently used first
/// @param raised events of this epoch
/// @param acknowledged of the events sent to any client
/// @param userWaiting user events that wait for room
/// @param heard events of hosts
/// @param missed events of hosts that will never come
/// @param lastHeard the last event's detail as text, empty before the first
/// @param closed connections closed by the agent's own rules
public record AgentDump(
        GuestIdentity identity,
        boolean leaving,
        List<ClientState> clients,
        long raised,
        long acknowledged,
        int userWaiting,
        long heard,
        long missed,
        String lastHeard,
        Map<CloseReason, Long> closed) {

    public AgentDump {
        clients = List.copyOf(clients);
        closed = Map.copyOf(closed);
    }
}
