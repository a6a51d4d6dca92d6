package dev.upcall.proto.vhostuser;

/// What the back-end says it can do. Exactly what is implemented and not a bit more: QEMU acknowledges
/// every protocol bit that is offered, and guests take what they find.
///
/// @param features virtio features, and bit 30 of vhost-user
/// @param protocolFeatures vhost-user protocol features
/// @param cid the guest's vsock address, 3 or greater
public record Offer(long features, long protocolFeatures, long cid) {

    /// vhost-user protocol features exist: without it QEMU 7.2 exits at start.
    public static final long PROTOCOL_FEATURES = 1L << 30;

    /// virtio 1.x. EVENT_IDX (29), INDIRECT (28) and the packed ring (34) are left out.
    public static final long VERSION_1 = 1L << 32;

    /// Every message with need-reply is answered. Understood, but not offered: QEMU would wait for each
    /// of them.
    public static final long REPLY_ACK = 1L << 3;

    /// GET_CONFIG: without it QEMU 7.2 exits at start.
    public static final long CONFIG = 1L << 9;

    /// CIDs 0 to 2 are the hypervisor, the local loop and the host; the last one means any.
    public static final long CID_MIN = 3;

    public static final long CID_MAX = 0xFFFF_FFFEL;

    public Offer {
        if (cid < CID_MIN || cid > CID_MAX) {
            throw new IllegalArgumentException("guest CID must be " + CID_MIN + " to " + CID_MAX + ": " + cid);
        }
    }

    /// A vsock device for the guest with this CID.
    public static Offer vsock(long cid) {
        return new Offer(PROTOCOL_FEATURES | VERSION_1, CONFIG, cid);
    }
}
