package dev.upcall.proto.vsock;

/// How much each side of one stream may still send. All counters are unsigned 32 bits and count on for
/// ever: a difference is right across the wrap as long as it stays below 2^32, and no buffer is that
/// large.
///
/// ```
/// peer_free = peer_buf_alloc − (tx_cnt − peer_fwd_cnt)
/// ```
final class Credit {

    private final int allowance;
    private int sent;
    private int peerAllowance;
    private int peerForwarded;
    private int received;
    private int forwarded;
    private int told;

    /// @param allowance how many bytes of the peer we hold, `buf_alloc`
    Credit(int allowance) {
        this.allowance = allowance;
    }

    /// Every packet of the peer says what it holds and what it has passed on.
    void heard(int bufAlloc, int fwdCnt) {
        peerAllowance = bufAlloc;
        peerForwarded = fwdCnt;
    }

    /// How many bytes the peer can take now. A peer that shrinks its buffer, or lies, has none for us:
    /// never negative.
    long free() {
        return Math.max(0, Integer.toUnsignedLong(peerAllowance) - unread());
    }

    /// How many of our bytes the peer has not passed on, as far as it said.
    long unread() {
        return Integer.toUnsignedLong(sent - peerForwarded);
    }

    long peerAllowance() {
        return Integer.toUnsignedLong(peerAllowance);
    }

    void sent(int count) {
        sent += count;
    }

    /// The peer sent `count` bytes, u32.
    ///
    /// @return false when that is more than it was allowed: nothing is counted then
    boolean received(int count) {
        if (Integer.toUnsignedLong(count) > allowance - held()) {
            return false;
        }
        received += count;
        return true;
    }

    /// How many bytes of the peer are held here.
    long held() {
        return Integer.toUnsignedLong(received - forwarded);
    }

    /// `count` of the bytes that are held have left.
    void forwarded(int count) {
        if (count < 0 || count > held()) {
            throw new IllegalArgumentException(count + " bytes left of " + held() + " that were held");
        }
        forwarded += count;
    }

    /// Whether the peer should be told: it believes that less than half is free, and more is. Every byte
    /// it is not told about is one it may wait for; telling it of each costs a packet.
    boolean isNews() {
        long believedFree = allowance - Integer.toUnsignedLong(received - told);
        return forwarded != told && believedFree < allowance / 2;
    }

    /// What a packet to the peer carries: `buf_alloc`.
    int allowance() {
        return allowance;
    }

    /// What a packet that leaves now carries: `fwd_cnt`. From here on the peer knows.
    int tell() {
        told = forwarded;
        return forwarded;
    }
}
