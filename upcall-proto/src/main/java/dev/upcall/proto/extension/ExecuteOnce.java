package dev.upcall.proto.extension;

import dev.upcall.proto.message.Request;
import dev.upcall.proto.message.RequestWriter;
import dev.upcall.proto.wire.FrameLayout;

/// A plain operation that the guest carries out at most once for each id (§5).
///
/// @param clientEpoch of this connection's OPEN
/// @param requestId 1 or more, rising per client epoch
/// @param acknowledgedId the client has forgotten all up to it; below `requestId`
/// @param msgType of the plain operation, unsigned
/// @param load of the plain operation
public record ExecuteOnce(Epoch clientEpoch, long requestId, long acknowledgedId, int msgType, Bytes load)
        implements ExtensionRequest {

    /// What the frame's 1008 bytes leave beside the other fields at their longest: epoch 9, two ids 11 each,
    /// type 6, the load's own tag and length 3.
    public static final int LOAD_BYTES_MAX = FrameLayout.REQUEST_LOAD_BYTES_MAX - (9 + 2 * 11 + 6 + 3);

    public ExecuteOnce {
        Bounds.requireAtLeast("request_id", requestId, 1);
        Bounds.requireRange("acknowledged_id", acknowledgedId, 0, requestId - 1);
        Bounds.requireSize("load", load.size(), LOAD_BYTES_MAX);
    }

    /// The request as [RequestWriter] writes it, its frame taken off.
    public static ExecuteOnce of(Epoch clientEpoch, long requestId, long acknowledgedId, Request request) {
        return new ExecuteOnce(
                clientEpoch,
                requestId,
                acknowledgedId,
                request.operation().msgType(),
                Bytes.owning(RequestWriter.load(request)));
    }

    @Override
    public ExtensionType type() {
        return ExtensionType.EXECUTE_ONCE;
    }
}
