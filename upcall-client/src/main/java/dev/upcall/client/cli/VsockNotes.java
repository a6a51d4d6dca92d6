package dev.upcall.client.cli;

import dev.upcall.client.bridge.BridgeObserver.Direction;
import dev.upcall.client.bridge.vhost.VsockObserver;
import dev.upcall.proto.vsock.CloseReason;

/// Tells of a vsock device on stderr, and of every stream of it where that is asked for.
///
/// @param whenFailed run when the device itself has failed
record VsockNotes(Printer printer, boolean verbose, Runnable whenFailed) implements VsockObserver {
    @Override
    public void frontEndCame() {
        tell("a VM has come");
    }

    @Override
    public void frontEndGone(String reason) {
        if (reason.isEmpty()) {
            tell("the VM has gone");
        } else {
            printer.note("the VM was sent away: " + reason);
        }
    }

    @Override
    public void broke(String reason) {
        printer.note("the guest broke its device: " + reason);
    }

    @Override
    public void failed(String reason) {
        printer.note("the device has failed, please report it: " + reason);
        whenFailed.run();
    }

    @Override
    public void opened(long hostPort, long guestPort, Direction direction) {
        tell("stream " + hostPort + ":" + guestPort + " " + direction + " open");
    }

    @Override
    public void closed(long hostPort, long guestPort, CloseReason reason, String detail, long toGuest, long toHost) {
        String why = detail.isEmpty() ? reason.sentence() : reason.sentence() + ": " + detail;
        tell("stream " + hostPort + ":" + guestPort + " closed: " + why + "; " + toGuest + " and " + toHost + " bytes");
    }

    private void tell(String what) {
        if (verbose) {
            printer.note(what);
        }
    }
}
