package dev.upcall.stub.machine;

/// The results that kernels give, by the names people know them under (`upcall-wire` §4).
public final class Errno {
    public static final int EPERM = -1;
    public static final int EIO = -5;
    public static final int EBUSY = -16;
    public static final int EEXIST = -17;
    public static final int ENODEV = -19;
    public static final int EINVAL = -22;

    /// No errno: the driver core's "it was so already".
    public static final int ALREADY = 1;

    private Errno() {}
}
