package dev.upcall.proto.vsock;

import java.time.Duration;

/// What does not change while a device lives. Times are nanoseconds.
///
/// @param cid the guest's address
/// @param streamsMax how many streams there may be, in all states; one more is refused
/// @param bufferBytes how many bytes one direction of one stream holds at most
/// @param readyNanos how long a host program waits for a guest whose driver is not up
/// @param answerNanos how long a guest may take to answer a REQUEST
/// @param dialNanos how long the host's side may take to answer a guest
/// @param shutdownNanos how long a guest may take to confirm our SHUTDOWN
/// @param lingerNanos how long a guest may leave bytes unread after the host closed, without reading a
///     single one
public record VsockRules(
        long cid,
        int streamsMax,
        int bufferBytes,
        long readyNanos,
        long answerNanos,
        long dialNanos,
        long shutdownNanos,
        long lingerNanos) {

    /// The host's well-known CID.
    public static final long HOST_CID = 2;

    /// As in Firecracker, Cloud Hypervisor and Dragonball.
    public static final int STREAMS_MAX = 1023;

    /// What Linux sends in one packet at most; memory per stream is bounded by it.
    public static final int BUFFER_BYTES = 64 * 1024;

    /// As long as Firecracker parks a connection; clients know what that means.
    public static final long READY_NANOS = Duration.ofSeconds(2).toNanos();

    /// A guest answers within a millisecond, an emulated one that is short of CPU time later; with
    /// [#READY_NANOS] still well below the 10 s that clients wait for OK.
    public static final long ANSWER_NANOS = Duration.ofSeconds(5).toNanos();

    /// A Linux guest's own patience with its connect.
    public static final long DIAL_NANOS = Duration.ofSeconds(2).toNanos();

    /// What virtio-vsock's other implementations allow.
    public static final long SHUTDOWN_NANOS = Duration.ofSeconds(2).toNanos();

    /// As the bridge drains: a guest may be paused for a snapshot.
    public static final long LINGER_NANOS = Duration.ofSeconds(60).toNanos();

    public VsockRules {
        if (streamsMax < 1 || bufferBytes < Connection.FRAME_BYTES) {
            throw new IllegalArgumentException("a device has at least 1 stream, and room for a frame of "
                    + Connection.FRAME_BYTES + " bytes: " + streamsMax + " streams of " + bufferBytes + " bytes");
        }
    }

    public static VsockRules of(long cid) {
        return new VsockRules(
                cid, STREAMS_MAX, BUFFER_BYTES, READY_NANOS, ANSWER_NANOS, DIAL_NANOS, SHUTDOWN_NANOS, LINGER_NANOS);
    }
}
