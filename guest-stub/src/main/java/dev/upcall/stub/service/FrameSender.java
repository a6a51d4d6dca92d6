package dev.upcall.stub.service;

import dev.upcall.stub.machine.Machine;
import dev.upcall.stub.mood.Delivery;
import dev.upcall.stub.mood.Ending;
import dev.upcall.stub.mood.Moods;

/// How frames leave: each whole and behind the one before it, as the guest's moods want it.
final class FrameSender {

    /// Carries out what a mood wants instead of a frame.
    @FunctionalInterface
    interface Fate {
        void comes(Ending ending, long now);
    }

    private final OpenConnections connections;
    private final Moods moods;
    private final Machine machine;
    private final Fate fate;

    FrameSender(OpenConnections connections, Moods moods, Machine machine, Fate fate) {
        this.connections = connections;
        this.moods = moods;
        this.machine = machine;
        this.fate = fate;
    }

    void send(Connection connection, Outgoing frame, long now) {
        if (machine.wireCut() || connection.lost) {
            return;
        }
        if (moods.silent() || !connection.held.isEmpty()) {
            connection.held.add(frame); // none overtakes those that are held
            return;
        }
        deliver(connection, frame, now);
    }

    private void deliver(Connection connection, Outgoing frame, long now) {
        Delivery delivery = moods.deliver(frame.operation, frame.kind);
        frame.leavesAs(delivery);
        connection.delayed++;
        connections.at(connection, now + delivery.delayNanos(), now, at -> {
            connection.delayed--;
            connection.outbox.add(frame);
            leave(connection, at);
        });
    }

    /// The stream ends behind what was sent before; at once where nothing leaves.
    void end(Connection connection, String why, long now) {
        if (machine.wireCut() || connection.lost || moods.silent()) {
            connections.close(connection, why);
        } else {
            connection.ending = why;
            leave(connection, now);
        }
    }

    /// The guest is not silent any more.
    void thaw(Connection connection, long now) {
        // Another connection that is thawed first may bring frames for this one: they go behind what is held.
        while (!connection.held.isEmpty() && connections.has(connection) && !moods.silent()) {
            deliver(connection, connection.held.remove(), now);
        }
        leave(connection, now);
    }

    private void leave(Connection connection, long now) {
        while (connections.has(connection) && !connection.lost && !moods.silent() && !connection.betweenPieces) {
            Outgoing frame = connection.outbox.peek();
            if (frame == null) {
                if (connection.ending != null && connection.delayed == 0 && connection.held.isEmpty()) {
                    connections.close(connection, connection.ending);
                }
                return;
            }
            if (frame.hasMore()) {
                connections.output(new Output.Send(connection.id, frame.nextPiece()));
                awaitGap(connection, frame, now);
            } else {
                connection.outbox.remove();
                left(connection, frame, now);
            }
        }
    }

    private void awaitGap(Connection connection, Outgoing frame, long now) {
        long gap = frame.delivery().gapNanos();
        if (frame.hasMore() && gap > 0) {
            connection.betweenPieces = true;
            connections.at(connection, now + gap, now, at -> {
                connection.betweenPieces = false;
                leave(connection, at);
            });
        }
    }

    private void left(Connection connection, Outgoing frame, long now) {
        switch (frame.delivery().ending()) {
            case GOES_ON -> frame.gone.accept(now);
            case CLOSES -> connections.close(connection, "mood cut");
            case CRASHES, RESTARTS, REBOOTS -> fate.comes(frame.delivery().ending(), now);
        }
    }
}
