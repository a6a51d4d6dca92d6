package dev.upcall.client.transport;

/// A port of a guest, or of this machine when it is a guest, over AF_VSOCK.
///
/// @param cid the guest's context id; [#CID_ANY] only to listen. 0 and 2 are the host's own and refused: upcall is
/// spoken from the host to a guest, and dialling oneself by mistake only looks like a dead guest
/// @param port the vsock port
public record VsockTarget(long cid, long port) implements Target {
    /// VMADDR_CID_ANY: every address of this machine.
    public static final long CID_ANY = 0xFFFF_FFFFL;

    /// VMADDR_CID_LOCAL: loopback, where the kernel has it.
    public static final long CID_LOCAL = 1;

    static final long CID_GUEST_MIN = 3;
    static final long CID_GUEST_MAX = CID_ANY - 1;

    public VsockTarget {
        if (cid != CID_ANY && !isOneMachine(cid)) {
            throw new IllegalArgumentException("expected a CID of 1, or of " + CID_GUEST_MIN + " to " + CID_GUEST_MAX
                    + ", found " + cid + ": take the one the VMM gave the guest");
        }
        TargetSyntax.checkedPort(port);
    }

    static boolean isOneMachine(long cid) {
        return cid == CID_LOCAL || (cid >= CID_GUEST_MIN && cid <= CID_GUEST_MAX);
    }

    @Override
    public String toString() {
        return TargetSyntax.vsock(this);
    }
}
