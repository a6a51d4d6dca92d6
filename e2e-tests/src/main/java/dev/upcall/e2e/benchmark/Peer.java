package dev.upcall.e2e.benchmark;

import dev.upcall.proto.session.extended.Extensions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// The main class of a Java contender's process: one kind of [Work], run as often as its stdin says
/// (`run MILLIS`, `cpu MILLIS`), answering in lines like the C programs. Ends with its stdin.
final class Peer {

    /// What a Java contender does.
    interface Work {

        /// Works about this long and says what it took.
        String run(long millis) throws Exception;
    }

    private Peer() {}

    public static void main(String[] arguments) throws Exception {
        Work work = work(arguments[0], Path.of(arguments[1]), arguments);
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = questions.readLine(); line != null; line = questions.readLine()) {
            String[] words = line.split(" ", -1);
            long millis = Long.parseLong(words[1]);
            switch (words[0]) {
                case "run" -> System.out.println(work.run(millis));
                case "cpu" -> System.out.println("cpu " + Cost.ofWaiting(millis));
                default -> throw new IOException("expected run or cpu, found \"" + line + "\"");
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private static Work work(String kind, Path path, String[] arguments) throws Exception {
        return switch (kind) {
            case "blocking" -> new BlockingCalls(path, false, Extensions.OFF);
            case "blocking-auto" -> new BlockingCalls(path, false, Extensions.AUTO);
            case "virtual" -> new BlockingCalls(path, true, Extensions.OFF);
            case "async" -> new AsynchronousCalls(path, 1, Extensions.OFF);
            case "async-auto" -> new AsynchronousCalls(path, 1, Extensions.AUTO);
            case "async-many" -> new AsynchronousCalls(path, Integer.parseInt(arguments[2]), Extensions.OFF);
            case "netty" -> new BareNetty(path, 1);
            case "netty-many" -> new BareNetty(path, Integer.parseInt(arguments[2]));
            case "jdk" -> new BareChannel(path);
            case "connect" -> new Connects(path);
            case "wait" -> new Waiter(path);
            case "vsock-packets" -> new VsockPackets(Integer.parseInt(arguments[2]));
            case "events" -> new EventsHeard(path);
            case "loss" -> new LossHeard(path);
            case "extended-guests" -> new ManyExtended(path, Integer.parseInt(arguments[2]));
            case "guests" -> new ManyGuests(path, Integer.parseInt(arguments[2]));
            default -> throw new IllegalArgumentException("no such peer: " + kind);
        };
    }
}
