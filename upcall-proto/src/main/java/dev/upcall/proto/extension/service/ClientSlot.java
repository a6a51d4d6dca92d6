package dev.upcall.proto.extension.service;

import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.event.EventReceiver;
import dev.upcall.proto.extension.event.EventSender;
import dev.upcall.proto.extension.once.OnceTable;
import org.jspecify.annotations.Nullable;

/// What the guest keeps of one client epoch, over all its connections.
final class ClientSlot {

    /// No connection carries its events.
    static final long NOWHERE = -1;

    final Epoch epoch;
    OnceTable once = OnceTable.EMPTY;
    EventReceiver receiver;

    /// Null until EVENTS is negotiated.
    @Nullable
    EventSender sender;

    /// The newest connection with EVENTS.
    long eventConnection = NOWHERE;

    int open;

    /// When the last connection closed; means something while `open` is 0.
    long absentSince;

    /// Its earlier table was evicted, and no reply that says so is known to have arrived.
    boolean onceLost;

    ClientSlot(Epoch epoch, boolean onceLost) {
        this.epoch = epoch;
        this.onceLost = onceLost;
        this.receiver = EventReceiver.fresh(epoch);
    }
}
