package dev.upcall.e2e.benchmark;

import dev.upcall.client.Call;
import dev.upcall.client.UpcallClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Thousands of guests in one process: what connecting them costs, what they weigh, and how long it takes to ask all.
final class ManyGuests implements Peer.Work {

    private static final int BROADCASTS = 11;

    /// What every Java program has.
    private static final Set<String> OF_THE_JVM = Set.of(
            "Reference Handler",
            "Finalizer",
            "Signal Dispatcher",
            "Common-Cleaner",
            "Notification Thread",
            "Attach Listener",
            "process reaper");

    private final Path path;
    private final int count;
    private final Samples samples = new Samples();

    ManyGuests(Path path, int count) {
        this.path = path;
        this.count = count;
    }

    @Override
    public String run(long millis) throws Exception {
        long begin = System.nanoTime();
        List<UpcallClient> guests = Guest.connect(path, count, true);
        long connected = System.nanoTime() - begin;
        for (int i = 0; i < BROADCASTS; i++) {
            long before = System.nanoTime();
            List<Call> calls = new ArrayList<>();
            for (UpcallClient guest : guests) {
                calls.add(guest.submit(Guest.REQUEST));
            }
            for (Call call : calls) {
                call.await();
            }
            samples.add(System.nanoTime() - before);
        }
        String answer = "connect " + connected + " rss " + statusKib("VmRSS:") + " peak " + statusKib("VmHWM:")
                + " threads " + clientThreads();
        return answer + " " + samples.toString().replace("p50", "broadcast");
    }

    /// Of `/proc/self/status`, which counts in KiB.
    static long statusKib(String name) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith(name)) {
                return Long.parseLong(
                        line.substring(name.length()).replace("kB", "").trim());
            }
        }
        throw new IOException("no " + name + " in /proc/self/status");
    }

    /// The threads that a program has because of the client: event loops, the path watch, and the JDK's inotify.
    private static long clientThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> !name.equals(Thread.currentThread().getName()) && !OF_THE_JVM.contains(name))
                .count();
    }
}
