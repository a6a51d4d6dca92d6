package dev.upcall.stub.service;

import dev.upcall.stub.observe.ServerObserver;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// The connections of a guest, its alarms, and what is to be done with the streams.
final class OpenConnections {

    private final ServerObserver observer;
    private final LongConsumer forgotten;
    private final Alarms alarms = new Alarms();
    private final Map<Long, Connection> open = new LinkedHashMap<>();
    private final List<Output> outputs = new ArrayList<>();

    /// @param forgotten told of each connection that is over
    OpenConnections(ServerObserver observer, LongConsumer forgotten) {
        this.observer = observer;
        this.forgotten = forgotten;
    }

    void add(Connection connection) {
        open.put(connection.id, connection);
        observer.opened(connection.id);
    }

    @Nullable
    Connection get(long id) {
        return open.get(id);
    }

    boolean has(Connection connection) {
        return open.get(connection.id) == connection;
    }

    List<Connection> all() {
        return List.copyOf(open.values());
    }

    int size() {
        return open.size();
    }

    Alarms alarms() {
        return alarms;
    }

    void output(Output output) {
        outputs.add(output);
    }

    /// All outputs so far, in order.
    List<Output> takeOutputs() {
        List<Output> all = List.copyOf(outputs);
        outputs.clear();
        return all;
    }

    /// Now or later, if the connection is still there then.
    void at(Connection connection, long at, long now, LongConsumer action) {
        if (at == now) {
            action.accept(now);
            return;
        }
        alarms.set(at, when -> {
            if (has(connection)) {
                action.accept(when);
            }
        });
    }

    void close(Connection connection, String why) {
        outputs.add(new Output.Close(connection.id, why));
        forget(connection, why);
    }

    void reset(Connection connection, String why) {
        outputs.add(new Output.Reset(connection.id, why));
        forget(connection, why);
    }

    void resetAll(String why) {
        all().forEach(connection -> reset(connection, why));
    }

    void forget(Connection connection, String why) {
        if (open.remove(connection.id) != null) {
            alarms.cancel(connection.alarm);
            observer.closed(connection.id, why);
            forgotten.accept(connection.id);
        }
    }
}
