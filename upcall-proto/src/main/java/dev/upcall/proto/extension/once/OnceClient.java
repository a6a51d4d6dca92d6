package dev.upcall.proto.extension.once;

import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.ExecuteOnce;
import dev.upcall.proto.message.Request;
import java.util.ArrayList;
import java.util.List;

/// Client side: the ids of EXECUTE_ONCE, one sequence for the whole life of a client object (§5). Immutable.
///
/// @param epoch the client's
/// @param next the next id
/// @param unsettled ids whose outcome is not known yet, ascending: they may still be repeated
public record OnceClient(Epoch epoch, long next, List<Long> unsettled) {

    /// An id was taken for a request.
    public record Issued(OnceClient next, ExecuteOnce request) {}

    public OnceClient {
        unsettled = List.copyOf(unsettled);
    }

    public static OnceClient begin(Epoch epoch) {
        return new OnceClient(epoch, 1, List.of());
    }

    /// Takes the next id. To be called when the request leaves, so that ids rise in the order of sending.
    public Issued issue(Request request) {
        List<Long> open = new ArrayList<>(unsettled);
        open.add(next);
        return new Issued(
                new OnceClient(epoch, next + 1, open), ExecuteOnce.of(epoch, next, acknowledged(open), request));
    }

    /// The same request under the same id, for the next connection. The content is the same byte for byte.
    ///
    /// @throws IllegalArgumentException for an id that was settled: its outcome may be forgotten
    public ExecuteOnce repeat(long id, Request request) {
        if (!unsettled.contains(id)) {
            throw new IllegalArgumentException("only an unsettled request may be repeated: id " + id);
        }
        return ExecuteOnce.of(epoch, id, acknowledged(unsettled), request);
    }

    /// The outcome is known, or will never be asked for again: the guest may forget it.
    public OnceClient settled(long id) {
        return new OnceClient(
                epoch, next, unsettled.stream().filter(open -> open != id).toList());
    }

    /// All up to it are forgotten here. No id below an unsettled one counts.
    private static long acknowledged(List<Long> open) {
        return open.getFirst() - 1;
    }
}
