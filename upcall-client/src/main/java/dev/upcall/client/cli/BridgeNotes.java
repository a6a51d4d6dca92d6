package dev.upcall.client.cli;

import dev.upcall.client.bridge.BridgeObserver;
import dev.upcall.client.bridge.CloseReason;

/// Tells of every connection of a bridge on stderr.
record BridgeNotes(Printer printer) implements BridgeObserver {
    @Override
    public void opened(long id, Direction direction, long port) {
        printer.note("connection " + id + " " + direction + " port " + port + " open");
    }

    @Override
    public void closed(long id, Direction direction, CloseReason reason, String detail, long toCallee, long toCaller) {
        printer.note("connection " + id + " " + direction + " closed: " + detail + "; " + toCallee + " and " + toCaller
                + " bytes");
    }
}
