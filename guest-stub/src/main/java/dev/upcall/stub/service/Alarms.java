package dev.upcall.stub.service;

import java.util.OptionalLong;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Things to be done at a time, in the order of time, and among equal times in the order they were set.
final class Alarms {

    /// What an alarm does; `at` is the time it was set for.
    @FunctionalInterface
    interface Action {
        void ring(long at);
    }

    /// One alarm, to cancel it by.
    record Alarm(long at, long sequence, Action action) implements Comparable<Alarm> {
        /// Times are compared by difference: their origin is arbitrary and may be negative.
        @Override
        public int compareTo(Alarm other) {
            int byTime = Long.signum(at - other.at);
            return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
        }
    }

    private final TreeSet<Alarm> alarms = new TreeSet<>();
    private long sequence;

    Alarm set(long at, Action action) {
        Alarm alarm = new Alarm(at, sequence++, action);
        alarms.add(alarm);
        return alarm;
    }

    void cancel(@Nullable Alarm alarm) {
        if (alarm != null) {
            alarms.remove(alarm);
        }
    }

    OptionalLong next() {
        return alarms.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(alarms.getFirst().at());
    }

    /// Rings the first alarm.
    void ringNext() {
        Alarm alarm = alarms.removeFirst();
        alarm.action().ring(alarm.at());
    }
}
