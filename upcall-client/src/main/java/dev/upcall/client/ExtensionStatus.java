package dev.upcall.client;

import dev.upcall.proto.extension.BootId;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.extension.liveness.Attachment;
import dev.upcall.proto.session.extended.Extended;
import dev.upcall.proto.session.extended.Opened;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// An extended guest at one moment, as its connection was opened.
///
/// @param guestEpoch this life of the guest's agent
/// @param bootId the kernel's
/// @param features what was agreed
/// @param architecture of the guest, for people
/// @param product what the guest calls itself
/// @param sinceProofOfLife time since its last complete frame
/// @param leaving it has said that it ends: new requests fail as "peer leaving"
/// @param bound whether the client is attached to it (BIND and no UNBIND since)
/// @param devices what this client has plugged in; lost ones that wait to be unregistered included
public record ExtensionStatus(
        Epoch guestEpoch,
        BootId bootId,
        Features features,
        String architecture,
        String product,
        Duration sinceProofOfLife,
        boolean leaving,
        boolean bound,
        Set<DeviceReference> devices) {

    static Optional<ExtensionStatus> of(@Nullable Extended extended, long now) {
        Opened opened = extended == null ? null : extended.opened();
        if (extended == null || opened == null) {
            return Optional.empty();
        }
        HandshakeReply.Open agreed = opened.agreed();
        Duration silent = Duration.ofNanos(Math.max(0, now - opened.checker().provenAt()));
        return Optional.of(new ExtensionStatus(
                agreed.guestEpoch(),
                agreed.bootId(),
                agreed.features(),
                agreed.architecture(),
                agreed.product(),
                silent,
                opened.leaving(),
                extended.attachment().binding() instanceof Attachment.Bound,
                extended.attachment().devices()));
    }
}
