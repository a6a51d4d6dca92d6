package dev.upcall.e2e.benchmark;

import dev.upcall.client.Call;
import dev.upcall.client.ExtensionOptions;
import dev.upcall.client.UpcallClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Thousands of extended guests in one process, everything on: each has been opened, asked for its inventory and for an
/// operation, and is probed. What the first ones cost belongs to the process.
final class ManyExtended implements Peer.Work {

    private static final int FIRST = 100;

    private final Path path;
    private final int count;
    private final List<UpcallClient> guests = new ArrayList<>();

    ManyExtended(Path path, int count) {
        this.path = path;
        this.count = count;
    }

    @Override
    public String run(long millis) throws Exception {
        meet(FIRST);
        long rss = ManyGuests.statusKib("VmRSS:");
        long heap = liveHeap();
        long begin = System.nanoTime();
        meet(count - FIRST);
        long connected = System.nanoTime() - begin;
        int more = count - FIRST;
        long heapAfter = liveHeap();
        long rssAfter = ManyGuests.statusKib("VmRSS:");
        return "rss-each " + (rssAfter - rss) * 1024 / more + " heap-each " + (heapAfter - heap) / more + " rss "
                + rssAfter + " connect " + connected;
    }

    private void meet(int more) throws Exception {
        List<UpcallClient> met = new ArrayList<>();
        for (int i = 0; i < more; i++) {
            met.add(Guest.open(path, ExtensionOptions.DEFAULT));
        }
        List<Call> calls = new ArrayList<>();
        for (UpcallClient guest : met) {
            guest.awaitConnected(Guest.PATIENCE);
            calls.add(guest.submit(Guest.REQUEST));
        }
        for (Call call : calls) {
            call.await();
        }
        guests.addAll(met);
    }

    private static long liveHeap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
