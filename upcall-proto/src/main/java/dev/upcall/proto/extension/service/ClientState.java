package dev.upcall.proto.extension.service;

import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.event.EventSender;

/// What a guest keeps of one client epoch, for people and for tests.
///
/// @param connections open ones
/// @param onceKept requests in its once-table, those that still run included
/// @param onceRunning of them, begun and not finished
/// @param onceHighest the highest request id seen, 0 = none
/// @param eventsKept events it has not acknowledged
/// @param eventsHeard the last event of this client that was seen, 0 = none
/// @param onceLost its earlier table was evicted, and it is not known to have been told
public record ClientState(
        Epoch epoch,
        int connections,
        int onceKept,
        int onceRunning,
        long onceHighest,
        int eventsKept,
        long eventsHeard,
        boolean onceLost) {

    static ClientState of(ClientSlot slot) {
        EventSender sender = slot.sender;
        return new ClientState(
                slot.epoch,
                slot.open,
                slot.once.entries().size(),
                slot.once.running(),
                slot.once.highest(),
                sender == null ? 0 : sender.kept().size(),
                slot.receiver.resumeAfter(),
                slot.onceLost);
    }
}
