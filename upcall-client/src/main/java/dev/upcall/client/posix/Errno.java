package dev.upcall.client.posix;

import java.util.Map;

/// The kernel's answer to a call that failed. A value: numbers we do not know stay what they are.
///
/// The numbers are those of Linux on x86-64 and AArch64.
///
/// @param number positive
public record Errno(int number) {
    public static final Errno EPERM = new Errno(1);
    public static final Errno ENOENT = new Errno(2);
    public static final Errno EINTR = new Errno(4);
    public static final Errno EAGAIN = new Errno(11);
    public static final Errno EACCES = new Errno(13);
    public static final Errno EFAULT = new Errno(14);
    public static final Errno ENODEV = new Errno(19);
    public static final Errno EINVAL = new Errno(22);
    public static final Errno ENFILE = new Errno(23);
    public static final Errno EMFILE = new Errno(24);
    public static final Errno EPIPE = new Errno(32);
    public static final Errno EMSGSIZE = new Errno(90);
    public static final Errno EPROTOTYPE = new Errno(91);
    public static final Errno EAFNOSUPPORT = new Errno(97);
    public static final Errno EADDRINUSE = new Errno(98);
    public static final Errno ECONNRESET = new Errno(104);
    public static final Errno ETIMEDOUT = new Errno(110);
    public static final Errno ENOTCONN = new Errno(107);
    public static final Errno ECONNREFUSED = new Errno(111);
    public static final Errno EINPROGRESS = new Errno(115);

    private static final Map<Errno, String> NAMES = Map.ofEntries(
            Map.entry(EPERM, "EPERM (not permitted)"),
            Map.entry(ENOENT, "ENOENT (no such file)"),
            Map.entry(EINTR, "EINTR (interrupted by a signal)"),
            Map.entry(EAGAIN, "EAGAIN (would block)"),
            Map.entry(EACCES, "EACCES (permission denied)"),
            Map.entry(EFAULT, "EFAULT (memory that is not there)"),
            Map.entry(ENODEV, "ENODEV (no such device: no guest has this CID, or vhost_vsock is not loaded)"),
            Map.entry(EINVAL, "EINVAL (a wrong value)"),
            Map.entry(ENFILE, "ENFILE (the whole system is out of descriptors)"),
            Map.entry(EMFILE, "EMFILE (this process is out of descriptors)"),
            Map.entry(EPIPE, "EPIPE (the peer has closed)"),
            Map.entry(EMSGSIZE, "EMSGSIZE (too much for one message)"),
            Map.entry(EPROTOTYPE, "EPROTOTYPE (a socket of another type)"),
            Map.entry(EAFNOSUPPORT, "EAFNOSUPPORT (this kernel has no such sockets)"),
            Map.entry(EADDRINUSE, "EADDRINUSE (somebody else is bound there)"),
            Map.entry(ECONNRESET, "ECONNRESET (the peer has reset)"),
            Map.entry(ETIMEDOUT, "ETIMEDOUT (no answer in time)"),
            Map.entry(ENOTCONN, "ENOTCONN (not connected, or no longer)"),
            Map.entry(ECONNREFUSED, "ECONNREFUSED (nobody listens)"),
            Map.entry(EINPROGRESS, "EINPROGRESS (connecting)"));

    public Errno {
        if (number <= 0) {
            throw new IllegalArgumentException("errno must be positive: " + number);
        }
    }

    /// The peer is gone: a fact of life for a stream, not a mistake of ours.
    public boolean meansLost() {
        return equals(ECONNRESET) || equals(EPIPE);
    }

    /// Not now; ask again when the kernel says so.
    public boolean meansWouldBlock() {
        return equals(EAGAIN) || equals(EINPROGRESS);
    }

    /// Name and meaning, or the bare number.
    @Override
    public String toString() {
        return NAMES.getOrDefault(this, "errno " + number);
    }
}
