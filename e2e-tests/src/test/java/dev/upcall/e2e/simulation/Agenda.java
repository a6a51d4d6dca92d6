package dev.upcall.e2e.simulation;

import java.util.PriorityQueue;

/// What is to happen, by virtual time, and among equal times in the order it was entered.
public final class Agenda {

    private record Entry(long at, long order, Runnable what) implements Comparable<Entry> {
        @Override
        public int compareTo(Entry other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
        }
    }

    private final PriorityQueue<Entry> entries = new PriorityQueue<>();
    private long order;

    public void at(long time, Runnable what) {
        entries.add(new Entry(time, order++, what));
    }

    /// When the next thing happens; `Long.MAX_VALUE` for never.
    public long next() {
        Entry first = entries.peek();
        return first == null ? Long.MAX_VALUE : first.at();
    }

    public void runNext() {
        entries.remove().what().run();
    }
}
