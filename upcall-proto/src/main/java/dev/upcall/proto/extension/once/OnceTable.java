package dev.upcall.proto.extension.once;

import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.ExecuteOnce;
import dev.upcall.proto.extension.ExtensionErrno;
import dev.upcall.proto.message.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Guest side: what one client epoch has had executed (§5). Immutable; the table is in the package's documentation.
///
/// @param highest the highest id seen, 0 = none
/// @param entries kept requests by id, those that still run included
public record OnceTable(long highest, List<Entry> entries) {

    /// So many outcomes are kept for each client epoch.
    public static final int KEPT_MAX = 256;

    public static final OnceTable EMPTY = new OnceTable(0, List.of());

    /// A request that was accepted.
    ///
    /// @param answer empty while it runs
    /// @param waiting connections that want the answer: first the one it came on, then those that repeated it
    public record Entry(long id, int msgType, Bytes load, Optional<Reply.Answer> answer, List<Waiter> waiting) {
        public Entry {
            waiting = List.copyOf(waiting);
        }
    }

    /// @param repeated asked a second time: its answer is a replayed one
    public record Waiter(long connection, boolean repeated) {}

    /// What is to be done with a request.
    public sealed interface Verdict {}

    /// It is new: carry it out, and report with [#finished].
    public record Execute(OnceTable next) implements Verdict {}

    /// Its first copy still runs; the answer will come out of [#finished].
    public record Wait(OnceTable next) implements Verdict {}

    /// It was carried out; this is the recorded outcome.
    public record Replay(Reply.Answer answer) implements Verdict {}

    /// It cannot be accepted; nothing changed.
    ///
    /// @param result −22 other content, −116 no longer kept
    public record Refuse(int result) implements Verdict {}

    /// An execution has ended.
    ///
    /// @param next the table with its outcome
    /// @param waiting who is to be told
    public record Finished(OnceTable next, List<Waiter> waiting) {}

    public OnceTable {
        entries = List.copyOf(entries);
    }

    /// A request has come on this connection.
    public Verdict accept(ExecuteOnce request, long connection) {
        long id = request.requestId();
        if (id > highest) {
            List<Entry> kept = new ArrayList<>(entries.size() + 1);
            for (Entry e : entries) {
                if (e.id() > request.acknowledgedId() || runs(e)) {
                    kept.add(e);
                }
            }
            kept.add(new Entry(
                    id, request.msgType(), request.load(), Optional.empty(), List.of(new Waiter(connection, false))));
            return new Execute(new OnceTable(id, bounded(kept)));
        }
        int at = indexOf(id);
        if (at < 0) {
            return new Refuse(ExtensionErrno.ESTALE);
        }
        Entry entry = entries.get(at);
        if (entry.msgType() != request.msgType() || !entry.load().equals(request.load())) {
            return new Refuse(ExtensionErrno.EINVAL);
        }
        return entry.answer().<Verdict>map(Replay::new).orElseGet(() -> {
            List<Waiter> waiting = new ArrayList<>(entry.waiting());
            waiting.add(new Waiter(connection, true));
            return new Wait(with(new Entry(id, entry.msgType(), entry.load(), entry.answer(), waiting)));
        });
    }

    /// The execution of `id` has ended. Nobody waits for an id that is not running.
    public Finished finished(long id, Reply.Answer answer) {
        int at = indexOf(id);
        if (at < 0 || !runs(entries.get(at))) {
            return new Finished(this, List.of());
        }
        Entry e = entries.get(at);
        List<Entry> changed = new ArrayList<>(entries);
        changed.set(at, new Entry(id, e.msgType(), e.load(), Optional.of(answer), List.of()));
        return new Finished(new OnceTable(highest, bounded(changed)), e.waiting());
    }

    /// This connection waits for nothing any more; what it asked for runs on.
    public OnceTable closed(long connection) {
        if (entries.stream().noneMatch(e -> e.waiting().stream().anyMatch(w -> w.connection() == connection))) {
            return this;
        }
        return new OnceTable(
                highest,
                entries.stream()
                        .map(e -> new Entry(
                                e.id(),
                                e.msgType(),
                                e.load(),
                                e.answer(),
                                e.waiting().stream()
                                        .filter(w -> w.connection() != connection)
                                        .toList()))
                        .toList());
    }

    /// How many are begun and not finished.
    public int running() {
        return running(entries);
    }

    private static int running(List<Entry> entries) {
        int running = 0;
        for (Entry e : entries) {
            running += runs(e) ? 1 : 0;
        }
        return running;
    }

    /// Of a request that is kept, else −1. From the newest, which is nearly always the one.
    private int indexOf(long id) {
        int at = entries.size() - 1;
        while (at >= 0 && entries.get(at).id() != id) {
            at--;
        }
        return at;
    }

    private OnceTable with(Entry changed) {
        return new OnceTable(
                highest,
                entries.stream().map(e -> e.id() == changed.id() ? changed : e).toList());
    }

    /// The last 256 outcomes, and whatever runs: connections bound how much that can be.
    private static List<Entry> bounded(List<Entry> entries) {
        int finished = entries.size() - running(entries);
        if (finished <= KEPT_MAX) {
            return entries;
        }
        List<Entry> kept = new ArrayList<>(entries);
        for (int i = 0; finished > KEPT_MAX && i < kept.size(); ) {
            if (runs(kept.get(i))) {
                i++;
            } else {
                kept.remove(i);
                finished--;
            }
        }
        return kept;
    }

    private static boolean runs(Entry entry) {
        return entry.answer().isEmpty();
    }
}
