package dev.upcall.client.bridge.vhost;

/// Where a device's rings come from: a front-end that hands them over, or a VMM in this JVM. All calls
/// on the device's thread.
interface RingSource extends AutoCloseable {
    /// Lets the guest know that something was put into the ring.
    void interrupt(int ring);

    /// The guest broke the ring, and nothing more is done with it.
    void broke(int ring, String reason);

    /// The device cannot go on with the memory it was given.
    void failed(String reason);

    /// What [#hasWork] says is to be done.
    void work();

    boolean hasWork();

    /// Stops the rings and gives everything back. Idempotent.
    @Override
    void close();
}
