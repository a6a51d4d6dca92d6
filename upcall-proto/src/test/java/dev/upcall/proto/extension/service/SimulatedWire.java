package dev.upcall.proto.extension.service;

import java.util.function.Consumer;

/// One connection between a client and the guest: whole frames, late but in order, until it is cut.
final class SimulatedWire {

    final long id;
    private final SimulatedTime time;
    private final Consumer<byte[]> toGuest;
    private final Consumer<byte[]> toClient;
    private long guestHearsAt;
    private long clientHearsAt;
    private boolean cut;

    SimulatedWire(long id, SimulatedTime time, Consumer<byte[]> toGuest, Consumer<byte[]> toClient) {
        this.id = id;
        this.time = time;
        this.toGuest = toGuest;
        this.toClient = toClient;
    }

    void toGuest(byte[] frame) {
        guestHearsAt = Math.max(guestHearsAt, time.now + delay());
        time.at(guestHearsAt, () -> arrive(toGuest, frame));
    }

    void toClient(byte[] frame) {
        clientHearsAt = Math.max(clientHearsAt, time.now + delay());
        time.at(clientHearsAt, () -> arrive(toClient, frame));
    }

    /// What is on its way is lost.
    void cut() {
        cut = true;
    }

    boolean isCut() {
        return cut;
    }

    private void arrive(Consumer<byte[]> end, byte[] frame) {
        if (!cut) {
            end.accept(frame);
        }
    }

    private long delay() {
        return time.random.nextLong(1 + time.slowestFrame);
    }
}
