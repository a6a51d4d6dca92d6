package dev.upcall.e2e.benchmark;

import dev.upcall.client.UpcallClient;
import java.nio.file.Path;

/// From `UpcallClient.open` until `awaitConnected` returns. Closing is not timed, for nobody.
final class Connects implements Peer.Work {

    private final Path path;
    private final Samples samples = new Samples();

    Connects(Path path) {
        this.path = path;
    }

    @Override
    public String run(long millis) throws Exception {
        samples.clear();
        long end = System.nanoTime() + millis * 1_000_000;
        for (long before = System.nanoTime(); before < end; before = System.nanoTime()) {
            UpcallClient guest = Guest.open(path);
            guest.awaitConnected(Guest.PATIENCE);
            samples.add(System.nanoTime() - before);
            guest.close();
        }
        return samples.toString();
    }
}
