package dev.upcall.stub.machine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The kernel's device-hotplug lock and the operations that wait for it, first come first served.
///
/// An operation gives the lock up between two CPUs of one request and queues again, so a waiter comes in between.
final class HotplugLock {

    /// An operation and the connection it answers to.
    record Turn(long connection, Operation operation) {}

    private final ArrayDeque<Turn> waiting = new ArrayDeque<>();
    private @Nullable Turn holder;
    private long heldUntil;
    private boolean lost;

    /// Someone died with the lock: nobody gets it any more.
    boolean lost() {
        return lost;
    }

    boolean free() {
        return holder == null && !lost;
    }

    /// When the holder wants to be told, if somebody holds it and will ever give it up.
    OptionalLong heldUntil() {
        return holder == null ? OptionalLong.empty() : OptionalLong.of(heldUntil);
    }

    /// How many operations wait; after a crash under the lock, for ever.
    int waiters() {
        return waiting.size();
    }

    /// Operations that have passed their checks and have not ended.
    int running() {
        return waiting.size() + (holder == null ? 0 : 1);
    }

    /// Runs an operation from its checks on, under the lock too if that is free.
    ///
    /// @param ended where completions of others are put
    /// @return how it stands with this operation after that
    Began run(Turn turn, long now, List<Completion> ended) {
        Progress progress = turn.operation().start();
        return switch (progress) {
            case Progress.Answered a -> new Began.Answered(a.answer());
            case Progress.Crashed c -> {
                lost |= c.holdingLock();
                yield new Began.Never();
            }
            case Progress.WantsLock _ -> queue(turn, now, ended);
            case Progress.HoldsLockFor _ -> throw new IllegalStateException("holds a lock it never took");
        };
    }

    /// Lets the holder and those behind it go on until nobody is due at `now`.
    void advance(long now, List<Completion> ended) {
        while (holder != null && heldUntil - now <= 0) {
            Turn turn = holder;
            long at = heldUntil;
            holder = null;
            after(turn, turn.operation().expired(), at, ended);
            serve(at, ended);
        }
    }

    private Began queue(Turn turn, long now, List<Completion> ended) {
        waiting.add(turn);
        List<Completion> served = new ArrayList<>();
        serve(now, served);
        Began began = new Began.Running();
        for (Completion completion : served) {
            if (completion.connection() == turn.connection()) {
                began = completion.answer().<Began>map(Began.Answered::new).orElseGet(Began.Never::new);
            } else {
                ended.add(completion);
            }
        }
        return began;
    }

    private void serve(long now, List<Completion> ended) {
        while (free() && !waiting.isEmpty()) {
            Turn turn = waiting.remove();
            after(turn, turn.operation().locked(), now, ended);
        }
    }

    private void after(Turn turn, Progress progress, long now, List<Completion> ended) {
        switch (progress) {
            case Progress.Answered a -> ended.add(new Completion(turn.connection(), Optional.of(a.answer())));
            case Progress.WantsLock _ -> waiting.add(turn);
            case Progress.HoldsLockFor h -> {
                holder = turn;
                heldUntil = now + h.nanos();
            }
            case Progress.Crashed c -> {
                lost |= c.holdingLock();
                ended.add(new Completion(turn.connection(), Optional.empty()));
            }
        }
    }
}
