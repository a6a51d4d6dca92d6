package dev.upcall.e2e.benchmark;

import dev.upcall.client.UpcallClient;
import dev.upcall.client.UpcallObserver;
import dev.upcall.proto.session.State;
import java.nio.file.Path;

/// A client that waits for its guest: says `connected NANOS` each time it is, on the clock of the C server, and then
/// asks the guest something, as a program would.
final class Waiter implements Peer.Work, UpcallObserver {

    private final UpcallClient guest;

    Waiter(Path path) {
        this.guest = Guest.open(path, this);
    }

    @Override
    public void stateChanged(UpcallClient client, State before, State after) {
        if (after instanceof State.Connected && !(before instanceof State.ServiceBusy)) {
            System.out.println("connected " + System.nanoTime());
            var _ = client.submit(Guest.REQUEST);
        }
    }

    @Override
    public String run(long millis) {
        return "state " + (guest.status().connected() ? 1 : 0);
    }
}
