package dev.upcall.client.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `upcall ping`: how long from dialling to the guest's CONNECT frame. Each ping is a connection of its own.
@Command(
        name = "ping",
        description = "Measure connect to CONNECT frame. Sends no request; each ping is a connection of its own.",
        footer = {"", "Example: upcall -t unix:///run/guest.sock ping -c 3"})
final class PingCommand implements Callable<Integer> {
    private static final int COUNT_MAX = 1_000_000;

    private final Program program;

    @Option(names = "-c", paramLabel = "N", description = "How many times. Default: 1.")
    @Nullable
    String count;

    PingCommand(Program program) {
        this.program = program;
    }

    @Override
    public Integer call() throws Failure {
        int wanted = count == null ? 1 : Syntax.integer("-c", count, 1, COUNT_MAX);
        GuestSettings settings = program.settings().withoutExtensions();
        String target = settings.requireTarget().toString();
        List<Duration> times = new ArrayList<>();
        ExitCode exit = ExitCode.DONE;
        for (int i = 1; i <= wanted; i++) {
            try (Guest guest = Guest.connect(program, settings)) {
                Duration time = guest.watcher().connectTime();
                times.add(time);
                program.printer()
                        .print(Report.of("CONNECT from " + target + ": seq=" + i + " time=" + Answers.millis(time))
                                .with("command", "ping")
                                .with("target", target)
                                .with("seq", i)
                                .with("connect_ms", Answers.millisNumber(time)));
            } catch (Failure e) {
                program.printer().print(e.with("seq", i));
                exit = e.exit();
            }
        }
        if (wanted > 1) {
            program.printer().print(summary(target, wanted, times));
        }
        return exit.code();
    }

    private static Report summary(String target, int wanted, List<Duration> times) {
        Report counted = Report.of(times.size() + " of " + wanted + " answered" + spread(times))
                .with("command", "ping")
                .with("target", target)
                .with("sent", wanted)
                .with("answered", times.size());
        if (times.isEmpty()) {
            return counted;
        }
        List<Duration> sorted = times.stream().sorted().toList();
        return counted.with("min_ms", Answers.millisNumber(sorted.getFirst()))
                .with("median_ms", Answers.millisNumber(sorted.get(sorted.size() / 2)))
                .with("max_ms", Answers.millisNumber(sorted.getLast()));
    }

    private static String spread(List<Duration> times) {
        if (times.isEmpty()) {
            return "";
        }
        List<Duration> sorted = times.stream().sorted().toList();
        return "; min " + Answers.millis(sorted.getFirst()) + ", median "
                + Answers.millis(sorted.get(sorted.size() / 2)) + ", max " + Answers.millis(sorted.getLast());
    }
}
