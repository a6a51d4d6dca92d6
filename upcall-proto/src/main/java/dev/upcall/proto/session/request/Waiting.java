package dev.upcall.proto.session.request;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The requests that wait to be sent: an immutable first-in-first-out queue of two linked lists, so that a step of
/// the machine shares all but the ends with the step before.
///
/// @param size how many wait
/// @param earliestLimit not later than the first [Pending#limit] of all; may be earlier after a removal, which costs
///     one idle wake-up and saves a search per step
public record Waiting(@Nullable Cell front, @Nullable Cell back, int size, long earliestLimit) {

    /// @param next the one behind it in `front`, the one before it in `back`
    public record Cell(Pending pending, @Nullable Cell next) {}

    public static final Waiting NONE = new Waiting(null, null, 0, Long.MAX_VALUE);

    /// The next one to send.
    @Nullable
    public Pending head() {
        return front == null ? null : front.pending();
    }

    public Waiting addLast(Pending pending) {
        long earliest = Math.min(earliestLimit, pending.limit());
        return front == null
                ? new Waiting(new Cell(pending, null), null, 1, earliest)
                : new Waiting(front, new Cell(pending, back), size + 1, earliest);
    }

    public Waiting addFirst(Pending pending) {
        return new Waiting(new Cell(pending, front), back, size + 1, Math.min(earliestLimit, pending.limit()));
    }

    public Waiting removeFirst() {
        if (front == null) {
            throw new IllegalStateException("nothing waits");
        }
        if (size == 1) {
            return NONE;
        }
        Cell rest = front.next();
        return rest != null
                ? new Waiting(rest, back, size - 1, earliestLimit)
                : new Waiting(reversed(back), null, size - 1, earliestLimit);
    }

    /// Without those that `leaves`, each handed to `gone` in order.
    public Waiting without(Predicate<Pending> leaves, Consumer<Pending> gone) {
        Waiting kept = NONE;
        for (Pending pending : toList()) {
            if (leaves.test(pending)) {
                gone.accept(pending);
            } else {
                kept = kept.addLast(pending);
            }
        }
        return kept;
    }

    public Optional<Pending> find(Object ticket) {
        return toList().stream().filter(p -> p.ticket().equals(ticket)).findFirst();
    }

    public List<Pending> toList() {
        List<Pending> all = new ArrayList<>(size);
        for (Cell c = front; c != null; c = c.next()) {
            all.add(c.pending());
        }
        for (Cell c = reversed(back); c != null; c = c.next()) {
            all.add(c.pending());
        }
        return all;
    }

    private static @Nullable Cell reversed(@Nullable Cell list) {
        Cell turned = null;
        for (Cell c = list; c != null; c = c.next()) {
            turned = new Cell(c.pending(), turned);
        }
        return turned;
    }
}
