package dev.upcall.e2e.simulation.extended;

import dev.upcall.e2e.simulation.Broken;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.message.Request;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the guest really did with each EXECUTE_ONCE, over all its lives, counted where it is done and not
/// where it is remembered.
final class Executions {

    record Id(Epoch client, long requestId) {}

    /// One of them.
    static final class Execution {
        final Request request;
        int begun;
        long begunAt;

        /// What the machine answered; null while it runs, and for ever where the agent that began it is gone.
        @Nullable
        Integer result;

        /// Right after it the guest was as wanted.
        boolean held;

        Execution(Request request) {
            this.request = request;
        }

        @Override
        public String toString() {
            return request + " begun " + begun + " times, result " + result + (held ? ", held" : "");
        }
    }

    private final Map<Id, Execution> all = new HashMap<>();

    /// A client sends it, perhaps again.
    void sent(Id id, Request request) {
        Execution known = all.computeIfAbsent(id, _ -> new Execution(request));
        if (!known.request.equals(request)) {
            throw new Broken(id + " is sent as " + request + " and was " + known.request);
        }
    }

    void begun(Id id, long now) {
        Execution one = of(id);
        one.begun++;
        one.begunAt = now;
        if (one.begun > 1) {
            throw new Broken(id + " is carried out " + one.begun + " times: " + one.request);
        }
    }

    void ended(Id id, int result, boolean held, Object about) {
        Execution one = of(id);
        one.result = result;
        one.held = held;
        if (result == 0 && !held) {
            throw new Broken("the guest succeeds with " + one.request + " and it is not so: " + about);
        }
    }

    Execution of(Id id) {
        Execution found = all.get(id);
        if (found == null) {
            throw new Broken(id + " was never sent");
        }
        return found;
    }
}
