package dev.upcall.proto.vsock;

/// Why a packet of the guest was refused without touching any stream.
public enum PacketFault {
    WRONG_CID("expected the guest's own CID as source and the host's as destination"),
    WRONG_TYPE("expected a stream packet"),
    UNKNOWN_STREAM("expected a packet of a stream that exists"),
    STREAMS_FULL("expected fewer streams: the limit is reached");

    private final String sentence;

    PacketFault(String sentence) {
        this.sentence = sentence;
    }

    public String sentence() {
        return sentence;
    }
}
