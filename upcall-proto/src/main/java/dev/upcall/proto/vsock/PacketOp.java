package dev.upcall.proto.vsock;

import org.jspecify.annotations.Nullable;

/// What a packet is about.
public enum PacketOp {
    /// Opens a stream.
    REQUEST(1),
    /// Accepts it.
    RESPONSE(2),
    /// Ends or refuses it, at once.
    RST(3),
    /// No more will be received, or sent, or both.
    SHUTDOWN(4),
    /// Data.
    RW(5),
    /// Nothing but the credit that every packet carries.
    CREDIT_UPDATE(6),
    /// Asks for one.
    CREDIT_REQUEST(7);

    private static final PacketOp[] ALL = values();

    private final int code;

    PacketOp(int code) {
        this.code = code;
    }

    /// The number on the wire.
    public int code() {
        return code;
    }

    /// The operation with this number; null for one that does not exist.
    static @Nullable PacketOp of(int code) {
        return code >= 1 && code <= ALL.length ? ALL[code - 1] : null;
    }
}
