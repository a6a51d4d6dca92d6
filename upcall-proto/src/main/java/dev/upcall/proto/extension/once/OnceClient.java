package dev.upcall.proto.extension.once;

import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.ExecuteOnce;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.message.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Client side: the ids of EXECUTE_ONCE, one sequence for the whole life of a client object (§5). Immutable.
///
/// @param epoch the client's
/// @param next the next id
/// @param unsettled ids whose outcome is not known yet, ascending
/// @param guest whose table holds what was sent since `repeatableFrom`; empty before the first opening
/// @param repeatableFrom lower ids were sent to a table that is lost: never repeated, also when the epoch is
///     the same
///     and later openings say nothing of it any more
public record OnceClient(Epoch epoch, long next, List<Long> unsettled, Optional<Epoch> guest, long repeatableFrom) {

    /// An id was taken for a request.
    public record Issued(OnceClient next, ExecuteOnce request) {}

    public OnceClient {
        unsettled = List.copyOf(unsettled);
    }

    public static OnceClient begin(Epoch epoch) {
        return new OnceClient(epoch, 1, List.of(), Optional.empty(), 1);
    }

    /// A connection was opened: what was sent to another table can never be repeated from now on.
    public OnceClient opened(HandshakeReply.Open reply) {
        boolean sameTable = guest.filter(reply.guestEpoch()::equals).isPresent() && !reply.onceLost();
        return sameTable ? this : new OnceClient(epoch, next, unsettled, Optional.of(reply.guestEpoch()), next);
    }

    /// A connection was opened to a guest without the extensions: another kernel, no table.
    public OnceClient openedStock() {
        return new OnceClient(epoch, next, unsettled, Optional.empty(), next);
    }

    /// Takes the next id. To be called when the request leaves, so that ids rise in the order of sending.
    public Issued issue(Request request) {
        List<Long> open = unsettled.isEmpty() ? List.of(next) : and(unsettled, next);
        return new Issued(
                new OnceClient(epoch, next + 1, open, guest, repeatableFrom),
                ExecuteOnce.of(epoch, next, acknowledged(open), request));
    }

    /// Whether the table that was sent this request is the one that is connected now.
    public boolean mayRepeat(long id) {
        return id >= repeatableFrom && unsettled.contains(id);
    }

    /// The same request under the same id, for the next connection. The content is the same byte for byte.
    ///
    /// @throws IllegalArgumentException unless [#mayRepeat]
    public ExecuteOnce repeat(long id, Request request) {
        if (!mayRepeat(id)) {
            throw new IllegalArgumentException(
                    "request " + id + " must not be repeated: settled, or its table is lost");
        }
        return ExecuteOnce.of(epoch, id, acknowledged(unsettled), request);
    }

    /// The outcome is known, or will never be asked for again: the guest may forget it.
    public OnceClient settled(long id) {
        return new OnceClient(
                epoch, next, unsettled.stream().filter(open -> open != id).toList(), guest, repeatableFrom);
    }

    /// Nothing issued so far will ever be asked for again.
    public OnceClient allSettled() {
        return unsettled.isEmpty() ? this : new OnceClient(epoch, next, List.of(), guest, repeatableFrom);
    }

    private static List<Long> and(List<Long> ids, long last) {
        List<Long> more = new ArrayList<>(ids);
        more.add(last);
        return more;
    }

    /// All up to it are forgotten here. No id below an unsettled one counts.
    private static long acknowledged(List<Long> open) {
        return open.getFirst() - 1;
    }
}
