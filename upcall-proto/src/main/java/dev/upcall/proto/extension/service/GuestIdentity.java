package dev.upcall.proto.extension.service;

import dev.upcall.proto.extension.BootId;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.message.Operation;
import java.util.Set;

/// What a guest says of itself when a connection is opened.
///
/// @param guestEpoch a new one whenever the service is made anew: its tables are lost then
/// @param bootId the kernel's
/// @param architecture at most 16 bytes, for example `x86_64`
/// @param product at most 128 bytes
/// @param operations what it serves
/// @param features what it accepts
public record GuestIdentity(
        Epoch guestEpoch,
        BootId bootId,
        String architecture,
        String product,
        Set<Operation> operations,
        Features features) {

    public GuestIdentity {
        operations = Set.copyOf(operations);
    }
}
