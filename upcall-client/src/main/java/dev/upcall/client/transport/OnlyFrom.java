package dev.upcall.client.transport;

import dev.upcall.client.posix.VsockSocket;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The doorkeeper of a listening AF_VSOCK port: every guest of the host can connect there, one is meant.
///
/// Confined to the listener's event loop.
@Sharable
final class OnlyFrom extends ChannelInitializer<Channel> {
    /// Who is at the other end of a descriptor.
    @FunctionalInterface
    interface Peer {
        long cid(int fd) throws IOException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(OnlyFrom.class);

    private final long cid;
    private final ChannelHandler accepted;
    private final Peer peer;
    private boolean warned;

    OnlyFrom(long cid, ChannelHandler accepted) {
        this(cid, accepted, fd -> VsockSocket.peerOf(fd).cid());
    }

    OnlyFrom(long cid, ChannelHandler accepted, Peer peer) {
        this.cid = cid;
        this.accepted = accepted;
        this.peer = peer;
    }

    @Override
    protected void initChannel(Channel channel) {
        String found = found(channel);
        if (found.isEmpty()) {
            channel.pipeline().addLast(accepted);
            return;
        }
        var _ = channel.close();
        if (!warned) { // once: a stranger that dials in a loop must not fill the log
            warned = true;
            LOG.warn("event=stranger_refused expected_cid={} found=\"{}\"", cid, found);
        }
    }

    /// Empty when it is the one who is meant.
    private String found(Channel channel) {
        try {
            long from = peer.cid(((UnixChannel) channel).fd().intValue());
            return from == cid ? "" : Long.toString(from);
        } catch (IOException e) {
            return e.toString(); // gone again
        }
    }
}
