package dev.upcall.proto.session.extended;

import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.extension.inventory.InventoryWalk;
import dev.upcall.proto.extension.liveness.Checker;
import org.jspecify.annotations.Nullable;

/// What is true of one opened connection to an extended guest.
///
/// @param agreed the opening's answer
/// @param checker when to probe; every frame and request is told to it
/// @param asking the inventory that is being read; null = none
/// @param leaveBy once a terminal event has come: when a guest that does not close is given up; else [#STAYS]
/// @param pictureWanted the inventory is to be taken before anything else is asked
/// @param picturedFor the ticket of the request for which the picture was taken last
public record Opened(
        HandshakeReply.Open agreed,
        Checker checker,
        @Nullable Asking asking,
        long leaveBy,
        boolean pictureWanted,
        @Nullable Object picturedFor) {

    /// No terminal event has come.
    public static final long STAYS = Long.MAX_VALUE;

    /// An inventory that is being read.
    ///
    /// @param deadline of the page that is out
    /// @param askers how many of those who wait asked before it began
    public record Asking(InventoryWalk walk, long deadline, int askers) {}

    public boolean has(Feature feature) {
        return agreed.features().has(feature);
    }

    /// A terminal event has come.
    public boolean leaving() {
        return leaveBy != STAYS;
    }

    /// True while a request of any kind may leave.
    public boolean isFree() {
        return asking == null && !checker.isProbing() && !leaving();
    }

    public Opened with(Checker next) {
        return new Opened(agreed, next, asking, leaveBy, pictureWanted, picturedFor);
    }

    public Opened asking(@Nullable Asking next) {
        return new Opened(agreed, checker, next, leaveBy, pictureWanted, picturedFor);
    }

    public Opened taken(@Nullable Object ticket) {
        return new Opened(agreed, checker, null, leaveBy, false, ticket);
    }

    public Opened wantingPicture() {
        return new Opened(agreed, checker, asking, leaveBy, true, picturedFor);
    }

    public Opened goingAway(long by) {
        return new Opened(agreed, checker, asking, Math.min(by, leaveBy), pictureWanted, picturedFor);
    }
}
