package dev.upcall.proto.extension.service;

import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.FromGuest;

/// What the guest is to do: orders, all of them, in order, before the next fact.
public sealed interface ServiceOrder {

    /// Write this message's frame, whole.
    record Send(long connection, FromGuest message) implements ServiceOrder {}

    /// Write a reply of this type without a load (`ExtensionWriter#writeRefusal`).
    record Refuse(long connection, int msgType, int result) implements ServiceOrder {}

    /// Serve this frame, and the connection from now on, like a stock kernel: its first request was no HANDSHAKE.
    record AsStock(long connection) implements ServiceOrder {}

    /// Close; what was ordered before is written first. The service has forgotten the connection.
    ///
    /// @param why for the log
    record Close(long connection, CloseReason reason, String why) implements ServiceOrder {}

    /// Carry this operation out, without any of the quirks of shipped kernels, and report with
    /// [ExtensionService#executed], also when the connection is gone by then.
    record Execute(Epoch client, long requestId, long connection, int msgType, Bytes load) implements ServiceOrder {}

    /// Answer with the page of the inventory that this token asks for (`InventoryPager`), or −22.
    record ShowInventory(long connection, Bytes token) implements ServiceOrder {}

    /// An event from a host, once and in order.
    record Deliver(Epoch client, EventNotify event) implements ServiceOrder {}

    /// Events of this host that will never come; the next order delivers the one behind them.
    record Gap(Epoch client, long first, long last) implements ServiceOrder {}

    /// A user event that was refused for want of room may be offered again.
    record RoomForUser() implements ServiceOrder {}
}
