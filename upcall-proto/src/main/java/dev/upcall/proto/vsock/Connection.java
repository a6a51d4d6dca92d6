package dev.upcall.proto.vsock;

import org.jspecify.annotations.Nullable;

/// One stream between a port of the guest and the host, as a pure machine: packets and facts in, orders
/// and owed packets out. Mutable, because a packet must cost no allocation; made and driven by a
/// [Multiplexer], which alone calls what is not public. To the driver it is the stream's name. Confined
/// to the device's thread.
public final class Connection {

    /// An upcall frame: the guest takes what one receive returns for a whole request, so this many bytes
    /// go into one packet even if fewer could leave now.
    static final int FRAME_BYTES = 1024;

    static final long NEVER = Long.MAX_VALUE;

    private final VsockRules rules;
    private final HostOrders orders;
    private final int hostPort;
    private final int guestPort;
    final Credit credit;
    private @Nullable Object attachment;

    StreamState state;
    long deadline = NEVER;
    private long lingerUntil;

    // What we owe the guest, beside the state.
    private boolean requestOwed;
    private boolean responseOwed;
    private boolean creditOwed;
    private boolean creditAskOwed;
    private boolean creditAsked;
    private boolean shutdownSent;
    private boolean endSaid;
    private boolean resetOwed;

    private int waiting;
    private boolean hostEnded;
    private boolean guestDeaf;
    private boolean reading;
    private CloseReason reason = CloseReason.FINISHED;
    private String detail = "";

    // Places in the multiplexer's lists.
    @Nullable
    Connection nextInBucket;

    @Nullable
    Connection nextOwing;

    boolean isOwing;

    private Connection(VsockRules rules, HostOrders orders, int hostPort, int guestPort, StreamState state) {
        this.rules = rules;
        this.orders = orders;
        this.hostPort = hostPort;
        this.guestPort = guestPort;
        this.state = state;
        this.credit = new Credit(rules.bufferBytes());
    }

    /// A host program asks for a port of the guest.
    static Connection connecting(VsockRules rules, HostOrders orders, int hostPort, int guestPort, long now) {
        Connection c = new Connection(rules, orders, hostPort, guestPort, StreamState.CONNECTING);
        c.requestOwed = true;
        c.deadline = now + rules.readyNanos();
        return c;
    }

    /// The guest asks for a port of the host.
    static Connection dialling(VsockRules rules, HostOrders orders, PacketHeader request, long now) {
        Connection c = new Connection(rules, orders, request.dstPort(), request.srcPort(), StreamState.DIALLING);
        c.credit.heard(request.bufAlloc(), request.fwdCnt());
        c.deadline = now + rules.dialNanos();
        orders.dial(c);
        return c;
    }

    // ------------------------------------------------------------------------------------------ for the driver

    /// The port on the host, u32.
    public int hostPort() {
        return hostPort;
    }

    /// The port in the guest, u32.
    public int guestPort() {
        return guestPort;
    }

    public StreamState state() {
        return state;
    }

    /// How many bytes the driver holds for the guest.
    public int waiting() {
        return waiting;
    }

    /// How many more it may read from the host.
    public int readLimit() {
        return rules.bufferBytes() - waiting;
    }

    /// How many bytes could leave for the guest now, by its credit: to read more than that is to hold it
    /// here.
    public long guestRoom() {
        return state == StreamState.OPEN || state == StreamState.GUEST_ENDED ? credit.free() : 0;
    }

    /// Whatever the driver wants to find again.
    public void attach(@Nullable Object own) {
        attachment = own;
    }

    public @Nullable Object attachment() {
        return attachment;
    }

    @Override
    public String toString() {
        return "stream %s:%s, %s, %d bytes wait for the guest, %d for the host"
                .formatted(
                        Integer.toUnsignedString(hostPort),
                        Integer.toUnsignedString(guestPort),
                        state,
                        waiting,
                        credit.held());
    }

    // ------------------------------------------------------------------------------------------ what the guest says

    /// @param op null for an operation that does not exist
    /// @param load how many bytes lie behind the header
    /// @return true when `header.len` bytes are to be taken out of the chain
    boolean heard(@Nullable PacketOp op, PacketHeader header, int load, long now) {
        if (op == null) {
            return misbehaved("op " + header.op());
        }
        long before = credit.unread();
        credit.heard(header.bufAlloc(), header.fwdCnt());
        creditAsked &= !canSendData();
        if (state == StreamState.CLOSING && credit.unread() != before) {
            lingerUntil = now + rules.lingerNanos();
        }
        return switch (state) {
            case CONNECTING -> inConnecting(op);
            case DIALLING -> inDialling(op);
            case OPEN, HOST_ENDED, GUEST_ENDED -> inOpen(op, header, load, now);
            case CLOSING -> inClosing(op, header);
            case CLOSED -> false;
        };
    }

    private boolean inConnecting(PacketOp op) {
        return switch (op) {
            case RESPONSE -> requestOwed ? misbehaved("RESPONSE before its REQUEST") : accepted();
            case RST -> ended(CloseReason.GUEST_REFUSED);
            case SHUTDOWN -> reset(CloseReason.GUEST_REFUSED);
            case CREDIT_UPDATE, CREDIT_REQUEST -> false;
            case REQUEST, RW -> misbehaved(op + " before the stream was open");
        };
    }

    private boolean inDialling(PacketOp op) {
        return switch (op) {
            case RST -> ended(CloseReason.GUEST_RESET);
            case SHUTDOWN -> reset(CloseReason.GUEST_CLOSED);
            case CREDIT_UPDATE, CREDIT_REQUEST -> false;
            case REQUEST, RESPONSE, RW -> misbehaved(op + " before the stream was open");
        };
    }

    private boolean inOpen(PacketOp op, PacketHeader header, int load, long now) {
        return switch (op) {
            case RW -> data(header, load);
            case CREDIT_UPDATE -> false;
            case CREDIT_REQUEST -> {
                creditOwed = true;
                yield false;
            }
            case SHUTDOWN -> shutdown(header.flags(), now);
            case RST -> ended(CloseReason.GUEST_RESET);
            case REQUEST, RESPONSE -> misbehaved(op + " of a stream that is open");
        };
    }

    private boolean inClosing(PacketOp op, PacketHeader header) {
        return switch (op) {
            case RW -> discarded(header);
            case CREDIT_UPDATE -> false;
            case CREDIT_REQUEST -> {
                creditOwed = true;
                yield false;
            }
            case SHUTDOWN -> {
                boolean deaf = (header.flags() & PacketHeader.NO_MORE_RECEIVE) != 0;
                yield deaf && reset(shutdownSent ? CloseReason.FINISHED : CloseReason.GUEST_CLOSED);
            }
            case RST -> ended(shutdownSent ? CloseReason.FINISHED : CloseReason.GUEST_RESET);
            case REQUEST, RESPONSE -> misbehaved(op + " of a stream that is open");
        };
    }

    /// Bytes for a host that is gone count as passed on: a guest that waits to get rid of them would not
    /// read ours.
    private boolean discarded(PacketHeader header) {
        if (credit.received(header.len())) {
            credit.forwarded(header.len());
            creditOwed |= credit.isNews();
        }
        return false;
    }

    private boolean data(PacketHeader header, int load) {
        if (state == StreamState.GUEST_ENDED) {
            return misbehaved("data after the guest had said that it sends no more");
        }
        if (Integer.compareUnsigned(header.len(), load) > 0) {
            return misbehaved("len " + Integer.toUnsignedString(header.len()) + " in a chain with " + load + " bytes");
        }
        if (!credit.received(header.len())) {
            return misbehaved(Integer.toUnsignedString(header.len()) + " bytes, " + credit.held() + " held, and "
                    + credit.allowance() + " allowed");
        }
        return header.len() > 0;
    }

    private boolean shutdown(int flags, long now) {
        boolean silent = state == StreamState.GUEST_ENDED || (flags & PacketHeader.NO_MORE_SEND) != 0;
        boolean deaf = guestDeaf || (flags & PacketHeader.NO_MORE_RECEIVE) != 0;
        if (silent && deaf) {
            return reset(CloseReason.GUEST_CLOSED);
        }
        if (deaf && !guestDeaf) {
            guestDeaf = true;
            waiting = 0;
            // The direction is over: nothing of it is owed, not even its end.
            hostEnded = true;
            endSaid = true;
            reading = false;
            orders.refuseHost(this);
            state = StreamState.HOST_ENDED;
        } else if (silent && state == StreamState.OPEN) {
            orders.endHost(this);
            state = StreamState.GUEST_ENDED;
        } else if (silent && state == StreamState.HOST_ENDED) {
            orders.endHost(this);
            closing(now);
        }
        return false;
    }

    void dialled() {
        if (state == StreamState.DIALLING) {
            responseOwed = true;
            opened();
        }
    }

    void dialRefused() {
        if (state == StreamState.DIALLING) {
            reset(CloseReason.HOST_REFUSED);
        }
    }

    void hostBytes(int count) {
        if (count < 0 || count > readLimit()) {
            throw new IllegalArgumentException(count + " bytes read of at most " + readLimit());
        }
        if (guestDeaf || hostEnded || state == StreamState.CLOSED) {
            return;
        }
        waiting += count;
        readOrNot();
    }

    /// The host's side will send no more.
    void hostEnded(long now) {
        if (hostEnded || state == StreamState.CLOSED) {
            return;
        }
        switch (state) {
            case OPEN -> state = StreamState.HOST_ENDED;
            case GUEST_ENDED -> closing(now);
            case CONNECTING, DIALLING, HOST_ENDED, CLOSING, CLOSED -> {}
        }
        hostEnded = true;
        readOrNot();
    }

    /// The host's side is gone, both ways.
    void hostGone(long now) {
        switch (state) {
            case CONNECTING -> {
                if (requestOwed) {
                    ended(CloseReason.HOST_HASTY);
                } else {
                    reset(CloseReason.HOST_HASTY);
                }
            }
            case DIALLING -> reset(CloseReason.HOST_REFUSED);
            case OPEN, HOST_ENDED, GUEST_ENDED -> closing(now);
            case CLOSING, CLOSED -> {}
        }
    }

    /// Bytes of the guest have left to the host.
    void hostTook(int count) {
        if (state != StreamState.CLOSED && state != StreamState.CLOSING) {
            credit.forwarded(count);
            creditOwed |= credit.isNews();
        }
    }

    void timePassed(long now) {
        switch (state) {
            case CONNECTING -> {
                if (requestOwed) {
                    ended(CloseReason.GUEST_NOT_READY);
                } else {
                    reset(CloseReason.GUEST_SILENT);
                }
            }
            case DIALLING -> reset(CloseReason.HOST_SILENT);
            case CLOSING -> unconfirmed(now);
            case OPEN, HOST_ENDED, GUEST_ENDED, CLOSED -> deadline = NEVER;
        }
    }

    /// Our SHUTDOWN was not confirmed. A RST would take bytes away that the guest has not read: while
    /// there are some it gets more time, and is asked, for it does not always say what it has read.
    private void unconfirmed(long now) {
        boolean unread = waiting > 0 || credit.unread() > 0;
        if (unread && now < lingerUntil) {
            creditAskOwed = waiting == 0;
            deadline = Math.min(lingerUntil, now + rules.shutdownNanos());
        } else {
            reset(unread ? CloseReason.LINGERED : CloseReason.NOT_CONFIRMED);
        }
    }

    // ------------------------------------------------------------------------------------------ what is owed

    /// Whether a packet could leave now.
    boolean owes() {
        return switch (state) {
            case CONNECTING -> requestOwed;
            case DIALLING, CLOSED -> false;
            case OPEN, HOST_ENDED, GUEST_ENDED, CLOSING ->
                responseOwed || creditOwed || creditAskOwed || canSendData() || asksForCredit() || endOwed();
        };
    }

    /// Fills `header` with the packet that is owed most. [#owes] was true.
    ///
    /// @param room how many bytes of data fit behind it, 1 or more
    /// @return how many bytes of data go with it
    int next(PacketHeader header, int room, long now) {
        header.from(VsockRules.HOST_CID, hostPort).to(rules.cid(), guestPort);
        int count = 0;
        int flags = 0;
        PacketOp op;
        if (requestOwed) {
            requestOwed = false;
            deadline = now + rules.answerNanos();
            op = PacketOp.REQUEST;
        } else if (responseOwed) {
            responseOwed = false;
            op = PacketOp.RESPONSE;
        } else if (canSendData()) {
            op = PacketOp.RW;
            count = (int) Math.min(Math.min(waiting, room), credit.free());
            waiting -= count;
            credit.sent(count);
            creditAsked = false;
            readOrNot();
        } else if (endOwed()) {
            op = PacketOp.SHUTDOWN;
            flags = end(now);
        } else if (creditOwed) {
            op = PacketOp.CREDIT_UPDATE;
        } else {
            creditAskOwed = false;
            creditAsked = true;
            op = PacketOp.CREDIT_REQUEST;
        }
        // Whatever packet it is, it carries our credit.
        creditOwed = false;
        header.says(PacketHeader.TYPE_STREAM, op.code(), flags, count).credits(credit.allowance(), credit.tell());
        return count;
    }

    /// More data could follow at once: its parts go into the ring together.
    boolean hasMoreData() {
        return canSendData();
    }

    private int end(long now) {
        endSaid = true;
        if (state != StreamState.CLOSING) {
            return PacketHeader.NO_MORE_SEND;
        }
        shutdownSent = true;
        deadline = now + rules.shutdownNanos();
        lingerUntil = now + rules.lingerNanos();
        return PacketHeader.SHUTDOWN_BOTH;
    }

    /// A frame is not cut because the guest has room for only a part of it, unless its buffer is smaller
    /// than a frame.
    private boolean canSendData() {
        return waiting > 0
                && credit.free() >= Math.min(Math.min(waiting, FRAME_BYTES), credit.peerAllowance())
                && credit.free() > 0;
    }

    private boolean asksForCredit() {
        return waiting > 0 && !creditAsked && !canSendData();
    }

    private boolean endOwed() {
        if (waiting > 0) {
            return false;
        }
        return state == StreamState.CLOSING ? !shutdownSent : hostEnded && !endSaid;
    }

    private boolean accepted() {
        orders.sayOpen(this);
        opened();
        return false;
    }

    private void opened() {
        deadline = NEVER;
        state = hostEnded ? StreamState.HOST_ENDED : StreamState.OPEN;
        readOrNot();
    }

    private void closing(long now) {
        state = StreamState.CLOSING;
        hostEnded = true;
        credit.forwarded((int) credit.held());
        lingerUntil = now + rules.lingerNanos();
        deadline = now + rules.shutdownNanos();
        readOrNot();
    }

    /// A slow guest stops the host's writer: nothing is read that could not be held.
    private void readOrNot() {
        boolean may = !hostEnded && (state == StreamState.OPEN || state == StreamState.GUEST_ENDED);
        boolean wanted = may && (reading ? readLimit() > 0 : waiting <= rules.bufferBytes() / 2);
        if (wanted != reading) {
            reading = wanted;
            orders.read(this, wanted);
        }
    }

    private boolean misbehaved(String what) {
        detail = what;
        return reset(CloseReason.MISBEHAVED);
    }

    private boolean reset(CloseReason why) {
        resetOwed = true;
        return ended(why);
    }

    /// The stream is over; whether the guest is told is `resetOwed`'s affair.
    boolean ended(CloseReason why) {
        state = StreamState.CLOSED;
        deadline = NEVER;
        reason = why;
        return false;
    }

    /// The guest has heard of this stream.
    boolean isKnownToGuest() {
        return !requestOwed;
    }

    boolean isResetOwed() {
        return resetOwed;
    }

    CloseReason reason() {
        return reason;
    }

    String detail() {
        return detail;
    }
}
