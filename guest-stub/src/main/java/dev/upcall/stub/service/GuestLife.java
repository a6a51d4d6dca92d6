package dev.upcall.stub.service;

import dev.upcall.proto.extension.EventKind;
import dev.upcall.stub.machine.Machine;
import dev.upcall.stub.mood.Ending;
import dev.upcall.stub.observe.ServerObserver;
import org.jspecify.annotations.Nullable;

/// How a guest ends and begins again: the package's third table.
final class GuestLife {

    private final Machine machine;
    private final OpenConnections connections;
    private final ServerObserver observer;
    private final @Nullable GuestAgent agent;

    /// What comes when the last connection is closed; null while the guest does not leave.
    private @Nullable Ending leavingTo;

    private boolean gone;
    private boolean crashed;

    /// @param agent null for a stock guest
    GuestLife(Machine machine, OpenConnections connections, ServerObserver observer, @Nullable GuestAgent agent) {
        this.machine = machine;
        this.connections = connections;
        this.observer = observer;
        this.agent = agent;
    }

    /// Who comes now is let in.
    boolean served() {
        return !gone && leavingTo == null;
    }

    boolean gone() {
        return gone;
    }

    boolean crashed() {
        return crashed;
    }

    /// @throws IllegalStateException on a stock guest
    GuestAgent agent() {
        if (agent == null) {
            throw new IllegalStateException("a stock guest has no agent: start the stub with --extensions");
        }
        return agent;
    }

    void reboot(long now) {
        connections.resetAll("guest rebooted");
        machine.reboot();
        if (agent != null) {
            agent.restart(true);
        }
        arisen();
        observer.rebooted(now);
    }

    /// @throws IllegalStateException on a stock guest
    void restart(long now) {
        GuestAgent restarted = agent();
        connections.resetAll("agent restarted");
        restarted.restart(false);
        arisen();
        observer.restarted(now);
    }

    void crash() {
        connections.resetAll("guest crashed");
        leavingTo = null;
        gone = true;
        crashed = true;
    }

    /// @param then CLOSES, RESTARTS or REBOOTS
    /// @throws IllegalStateException when a stock guest is to restart
    void leave(EventKind kind, Ending then, long now) {
        if (then == Ending.RESTARTS) {
            agent();
        }
        if (!served()) {
            return;
        }
        leavingTo = then;
        if (agent != null) {
            agent.leave(kind, now);
        }
        connections.all().stream()
                .filter(connection -> agent == null || !connection.known)
                .forEach(connection -> connections.close(connection, "guest leaves"));
        endIfAlone(now);
    }

    /// A guest that leaves has left when its last connection is closed.
    void endIfAlone(long now) {
        Ending then = leavingTo;
        if (then != null && connections.size() == 0) {
            leavingTo = null;
            gone = true;
            if (then != Ending.CLOSES) {
                comes(then, now);
            }
        }
    }

    /// What a mood wants, or an orderly end. A stock guest that shall restart boots.
    void comes(Ending ending, long now) {
        switch (ending) {
            case GOES_ON, CLOSES -> throw new IllegalStateException(ending + " is no end of a guest");
            case CRASHES -> crash();
            case RESTARTS -> {
                if (agent == null) {
                    reboot(now);
                } else {
                    restart(now);
                }
            }
            case REBOOTS -> reboot(now);
        }
    }

    private void arisen() {
        leavingTo = null;
        gone = false;
        crashed = false;
    }
}
