package dev.upcall.proto.vsock;

/// The RST packets that are owed to nobody's stream: refused packets, and streams that are over.
///
/// A guest that floods us with nonsense and takes no answers makes this grow, so it is bounded; what does
/// not fit is dropped and counted. A good guest then waits out its own time-out, 2 s. Stopping to read
/// its packets instead could stop both sides for good, because it, too, stops reading when its answers do
/// not get away.
final class OwedResets {

    /// As many as a guest may have streams, so that all of them can end at once.
    static final int MAX = 1024;

    private final long[] sourceCids = new long[MAX];
    private final long[] ports = new long[MAX];
    private final int[] types = new int[MAX];
    private int first;
    private int count;
    private long dropped;

    boolean isEmpty() {
        return count == 0;
    }

    long dropped() {
        return dropped;
    }

    void clear() {
        count = 0;
    }

    /// As an answer: from where the guest's packet went.
    void add(long sourceCid, int sourcePort, int guestPort, int type) {
        if (count == MAX) {
            dropped++;
            return;
        }
        int at = first + count++ & MAX - 1;
        sourceCids[at] = sourceCid;
        ports[at] = (long) sourcePort << Integer.SIZE | Integer.toUnsignedLong(guestPort);
        types[at] = type;
    }

    /// Fills `header` with the oldest. It is not empty.
    void next(PacketHeader header, long guestCid) {
        header.from(sourceCids[first], (int) (ports[first] >>> Integer.SIZE))
                .to(guestCid, (int) ports[first])
                .says(types[first], PacketOp.RST.code(), 0, 0)
                .credits(0, 0);
        first = first + 1 & MAX - 1;
        count--;
    }
}
