package dev.upcall.client.bridge.vhost;

import dev.upcall.client.posix.Fd;
import dev.upcall.client.posix.UnixSockets;
import dev.upcall.proto.hybrid.ConnectLine;
import dev.upcall.proto.virtqueue.DescriptorChain;
import dev.upcall.proto.vsock.Connection;
import org.jspecify.annotations.Nullable;

/// The host's side of one stream: a UNIX socket, what is known of it, and the bytes that wait in both
/// directions. [HostSockets] drives it. Confined to the device's thread.
final class HostStream implements Readiness.Owner {
    final HostSockets owner;
    final ConnectLine line = new ConnectLine();
    final HeldBytes forGuest;
    final HeldBytes forHost;

    /// None while the guest's connect is being carried out, and after the host's side has gone.
    @Nullable
    Fd fd;

    long key;

    /// None before the CONNECT line was read, and after the last order.
    @Nullable
    Connection connection;

    /// While the line is read, or while the last bytes are written: when that has taken too long.
    long deadline;

    /// Its CONNECT line is not whole yet.
    boolean readsLine;

    boolean fromGuest;
    boolean opened;
    boolean dialDue;
    boolean due;

    /// There may be bytes, or the end, to be received: told by epoll, until a receive would block.
    boolean readable;

    /// Nothing will come behind what is there.
    boolean halfClosed;

    /// The peer has closed, both ways.
    boolean hungUp;

    /// Sending failed: what the guest sends is thrown away.
    boolean deaf;

    boolean wanted;
    boolean atEnd;
    boolean refused;
    boolean endDue;

    /// The last order has come; only what is held for the host is still written.
    boolean draining;

    long toGuest;
    long toHost;

    HostStream(HostSockets owner, BufferPool pool) {
        this.owner = owner;
        this.forGuest = new HeldBytes(pool);
        this.forHost = new HeldBytes(pool);
    }

    @Override
    public void ready(int events) {
        owner.ready(this, events);
    }

    /// Straight from the guest's memory.
    ///
    /// @return how many bytes were taken; less than all when it would block, or the peer is gone ([#deaf])
    int send(UnixSockets sockets, DescriptorChain chain, int from, int count) {
        int sent = 0;
        int skip = from;
        for (int piece = 0; sent < count && fd != null && !deaf; ) {
            int here = Math.min(chain.length(piece) - skip, count - sent);
            if (here <= 0) {
                skip -= chain.length(piece++);
                continue;
            }
            int answer = sockets.send(fd, chain.segment(piece), chain.offset(piece) + skip, here);
            if (answer == UnixSockets.WOULD_BLOCK) {
                return sent;
            }
            if (answer == UnixSockets.FAULT) {
                throw new InternalError("the guest's memory was taken away while it was read");
            }
            if (answer < 0) {
                deaf = true;
                return sent;
            }
            sent += answer;
            skip += answer;
        }
        return sent;
    }

    /// @return how many bytes waited for the host in vain
    int forgetHeld() {
        int held = forHost.count();
        forHost.clear();
        return held;
    }

    /// The end of what the guest sends comes behind its last byte.
    void endIfWritten() {
        if (endDue && forHost.count() == 0 && fd != null) {
            endDue = false;
            UnixSockets.end(fd);
        }
    }
}
