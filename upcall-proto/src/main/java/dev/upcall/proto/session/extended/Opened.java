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
/// @param leaving a terminal event has come
/// @param pictureWanted the inventory is to be taken before anything else is asked
/// @param picturedFor the ticket of the request for which the picture was taken last
public record Opened(
        HandshakeReply.Open agreed,
        Checker checker,
        @Nullable Asking asking,
        boolean leaving,
        boolean pictureWanted,
        @Nullable Object picturedFor) {

    /// An inventory that is being read.
    ///
    /// @param deadline of the page that is out
    /// @param askers how many of those who wait asked before it began
    public record Asking(InventoryWalk walk, long deadline, int askers) {}

    public boolean has(Feature feature) {
        return agreed.features().has(feature);
    }

    /// True while a request of any kind may leave.
    public boolean isFree() {
        return asking == null && !checker.isProbing() && !leaving;
    }

    public Opened with(Checker next) {
        return new Opened(agreed, next, asking, leaving, pictureWanted, picturedFor);
    }

    public Opened asking(@Nullable Asking next) {
        return new Opened(agreed, checker, next, leaving, pictureWanted, picturedFor);
    }

    public Opened taken(@Nullable Object ticket) {
        return new Opened(agreed, checker, null, leaving, false, ticket);
    }

    public Opened wantingPicture() {
        return new Opened(agreed, checker, asking, leaving, true, picturedFor);
    }

    public Opened goingAway() {
        return new Opened(agreed, checker, asking, true, pictureWanted, picturedFor);
    }
}
