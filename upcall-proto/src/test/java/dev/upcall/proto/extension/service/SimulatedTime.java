package dev.upcall.proto.extension.service;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// Virtual time, and the chance that a seed brings: every weight is drawn from it too.
final class SimulatedTime {

    private record Due(long at, long order, Runnable what) {}

    static final long MS = 1_000_000;

    final RandomGenerator random;
    final long slowestFrame;
    final double cutsPerSecond;
    final double restartsPerSecond;
    final double pausesPerSecond;
    final double floodsPerSecond;
    final double requestsPerSecond;
    final double eventsPerSecond;
    boolean faults = true;
    long now = MS;

    private final PriorityQueue<Due> due =
            new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::order));
    private long order;

    SimulatedTime(long seed) {
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        slowestFrame = random.nextLong(1, 45) * MS; // there and back within the probes' 100 ms
        cutsPerSecond = weight(8);
        restartsPerSecond = weight(1);
        pausesPerSecond = weight(1);
        floodsPerSecond = weight(2);
        requestsPerSecond = weight(40);
        eventsPerSecond = weight(400);
    }

    /// Half of the time almost never.
    private double weight(double most) {
        return random.nextBoolean() ? 0.02 * most : random.nextDouble() * most;
    }

    void at(long time, Runnable what) {
        due.add(new Due(Math.max(time, now), order++, what));
    }

    void in(long delay, Runnable what) {
        at(now + delay, what);
    }

    /// Again and again, so often in a second on average, while faults are on.
    void often(double perSecond, Runnable what) {
        in((long) (-Math.log(1 - random.nextDouble()) / perSecond * 1000 * MS), () -> {
            if (faults) {
                what.run();
                often(perSecond, what);
            }
        });
    }

    void runUntil(long end) {
        while (!due.isEmpty() && due.peek().at() <= end) {
            Due next = due.remove();
            now = next.at();
            next.what().run();
        }
        now = end;
    }
}
