package dev.upcall.e2e.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Streams through one hybrid socket, as [streams.c] measures them, and what they cost the process behind it.
final class Carried implements Contender {
    private static final double MIB_PER_100_MB = 100e6 / (1 << 20);

    private final String name;
    private final Workshop workshop;
    private final Path socket;
    private final Cpu cpu;
    private final int mib;
    private double coldSend;
    private double coldReceive;

    /// Processor time so far, in seconds.
    @FunctionalInterface
    interface Cpu {
        double seconds() throws IOException;
    }

    /// @param mib how much is carried in each direction, each round
    Carried(String name, Workshop workshop, Path socket, Cpu cpu, int mib) {
        this.name = name;
        this.workshop = workshop;
        this.socket = socket;
        this.cpu = cpu;
        this.mib = mib;
    }

    @Override
    public String name() {
        return name;
    }

    /// Seconds of processor time for the first 100 MB, in both directions together, when nothing was compiled yet.
    double cold() {
        return coldSend + coldReceive;
    }

    @Override
    public void warmUp() throws IOException {
        Map<String, Double> first = new LinkedHashMap<>();
        bulk("send", first);
        bulk("receive", first);
        coldSend = first.getOrDefault("send-cpu", 0.0);
        coldReceive = first.getOrDefault("receive-cpu", 0.0);
        for (int i = 0; i < 3; i++) {
            round();
        }
    }

    @Override
    public Answer round() throws IOException {
        Map<String, Double> numbers = new LinkedHashMap<>();
        numbers.put("connect", streams("connect", 100).get("p50"));
        Answer echo = streams("echo", workshop.roundMillis());
        numbers.put("echo", echo.get("p50"));
        numbers.put("echo-p99", echo.get("p99"));
        for (String way : List.of("send", "receive", "both")) {
            bulk(way, numbers);
        }
        numbers.put("upcall", request());
        return new Answer(numbers);
    }

    private void bulk(String way, Map<String, Double> numbers) throws IOException {
        double before = cpu.seconds();
        numbers.put(way, streams(way, mib).get("rate"));
        numbers.put(way + "-cpu", (cpu.seconds() - before) / mib * MIB_PER_100_MB);
    }

    private Answer streams(String mode, long number) throws IOException {
        return Child.once(workshop.streams(mode, socket, number));
    }

    private double request() throws IOException {
        return Child.once(workshop.client(
                        Workshop.CLIENT_CORE, "ping", socket.toString(), Long.toString(workshop.roundMillis())))
                .get("p50");
    }
}
