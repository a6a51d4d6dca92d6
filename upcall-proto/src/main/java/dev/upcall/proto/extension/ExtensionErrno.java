package dev.upcall.proto.extension;

/// The results with which a guest refuses an extension request (§6), by the names people know them under.
public final class ExtensionErrno {
    /// Unknown type: a stock guest, or one without this message.
    public static final int EPERM = -1;

    /// All 64 client epochs have an open connection (§5).
    public static final int EAGAIN = -11;

    /// Undecodable or oversized request, or content that cannot be.
    public static final int EINVAL = -22;

    /// Wrong order, or another client's epoch.
    public static final int EPROTO = -71;

    /// No common version.
    public static final int EPROTONOSUPPORT = -93;

    /// The feature was not negotiated.
    public static final int EOPNOTSUPP = -95;

    /// The outcome of this request id is no longer kept (§5).
    public static final int ESTALE = -116;

    private ExtensionErrno() {}
}
