package dev.upcall.proto.vsock;

/// Why a stream ended.
public enum CloseReason {
    GUEST_REFUSED("nobody listens on that guest port", false),
    GUEST_NOT_READY("the guest's vsock driver is not up", false),
    GUEST_SILENT("the guest did not answer in time", false),
    HOST_REFUSED("nobody listens on that host port", false),
    HOST_SILENT("the host's side did not answer in time", false),
    HOST_HASTY("the host program left before the guest had answered", false),
    GUEST_CLOSED("the guest closed", true),
    GUEST_RESET("the guest reset the stream", true),
    GUEST_FORGOT("the guest was reset or its driver reloaded", true),
    FINISHED("the host closed, and the guest confirmed", true),
    NOT_CONFIRMED("the host closed, and the guest did not confirm in time", true),
    LINGERED("the host closed, and the guest left its bytes unread", true),
    MISBEHAVED("the guest broke the protocol", false),
    DEVICE_CLOSED("the device was closed", false);

    private final String sentence;
    private final boolean flushes;

    CloseReason(String sentence, boolean flushes) {
        this.sentence = sentence;
        this.flushes = flushes;
    }

    public String sentence() {
        return sentence;
    }

    /// Whether bytes of the guest that are still held are to be written before the host's socket is
    /// closed.
    public boolean flushes() {
        return flushes;
    }
}
