package dev.upcall.client.transport;

import dev.upcall.client.transport.GuestPort.GuestEnd;
import dev.upcall.client.transport.GuestPort.HostEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A channel whose peer is a [GuestPort] of this process. Runs on any event loop; owns no descriptor.
///
/// Confined to its event loop, but for [Inbox], which is where the guest's bytes wait.
final class InProcessChannel extends AbstractChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false);

    /// As many as Netty's own channels take before others have their turn.
    private static final int PIECES_PER_READ_MAX = 16;

    private final GuestPort port;
    private final ChannelConfig config = new DefaultChannelConfig(this);
    private final Inbox inbox = new Inbox();

    private @Nullable GuestEnd guest;
    private boolean readPending;
    private boolean draining;
    private volatile boolean open = true;
    private volatile boolean connected;

    InProcessChannel(InProcessTarget target) {
        super(null);
        this.port = target.port();
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return open && connected;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new Connecting();
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return null;
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return null;
    }

    @Override
    protected void doBind(SocketAddress localAddress) {
        throw new UnsupportedOperationException("an in-process channel is only dialled");
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    protected void doClose() {
        open = false;
        inbox.discard();
        GuestEnd told = guest;
        guest = null;
        if (told != null) {
            told.closed();
        }
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer out) throws IOException {
        while (out.current() instanceof ByteBuf bytes) {
            GuestEnd end = guest;
            if (end == null) {
                throw new IOException("the in-process stream is closed");
            }
            end.received(bytes.nioBuffer());
            out.remove();
        }
    }

    @Override
    protected Object filterOutboundMessage(Object message) {
        if (!(message instanceof ByteBuf)) {
            throw new UnsupportedOperationException("expected a ByteBuf, found " + message.getClass() + ": encode it");
        }
        return message;
    }

    @Override
    protected void doBeginRead() {
        readPending = true;
        drain();
    }

    /// Hands over what has arrived when the pipeline has asked for it; then the end, if it came. One read takes a
    /// bounded number of pieces, however fast the guest delivers: what is left waits for the next one, behind
    /// whatever else the loop has to do.
    private void drain() {
        if (draining || !readPending || !isActive()) {
            return;
        }
        draining = true;
        try {
            int taken = 0;
            for (ByteBuf bytes = inbox.poll(); bytes != null; bytes = inbox.poll()) {
                readPending = false;
                pipeline().fireChannelRead(bytes);
                if (++taken == PIECES_PER_READ_MAX) {
                    break;
                }
            }
            if (taken > 0) {
                pipeline().fireChannelReadComplete(); // asks for more when auto-read is on
            }
        } finally {
            draining = false;
        }
        if (readPending && inbox.isAtEnd()) {
            unsafe().close(voidPromise());
        } else if (readPending && inbox.hasMore()) {
            eventLoop().execute(this::drain);
        }
    }

    private final class Connecting extends AbstractUnsafe {
        @Override
        public void connect(SocketAddress remote, @Nullable SocketAddress local, ChannelPromise promise) {
            if (!promise.setUncancellable() || !ensureOpen(promise)) {
                return;
            }
            try {
                guest = port.open(inbox);
            } catch (IOException | RuntimeException e) {
                safeSetFailure(promise, e);
                closeIfClosed();
                return;
            }
            connected = true;
            safeSetSuccess(promise);
            pipeline().fireChannelActive();
            drain();
        }
    }

    /// What the guest has delivered and the host has not read. Thread-safe.
    private final class Inbox implements HostEnd {
        private final Queue<ByteBuf> unread = new ConcurrentLinkedQueue<>();
        private final AtomicInteger unreadBytes = new AtomicInteger();
        private volatile boolean ended;

        @Override
        public boolean deliver(ByteBuffer bytes) {
            int size = bytes.remaining();
            if (ended || !open) {
                return false;
            }
            if (unreadBytes.addAndGet(size) > UNREAD_BYTES_MAX) {
                unreadBytes.addAndGet(-size);
                return false;
            }
            unread.add(Unpooled.copiedBuffer(bytes));
            wake();
            return true;
        }

        @Override
        public void close() {
            ended = true;
            wake();
        }

        @Nullable
        ByteBuf poll() {
            ByteBuf bytes = unread.poll();
            if (bytes != null) {
                unreadBytes.addAndGet(-bytes.readableBytes());
            }
            return bytes;
        }

        boolean hasMore() {
            return !unread.isEmpty();
        }

        boolean isAtEnd() {
            return ended && unread.isEmpty();
        }

        void discard() {
            ended = true;
            unread.forEach(ReferenceCountUtil::release);
            unread.clear();
        }

        private void wake() {
            if (eventLoop().inEventLoop()) {
                drain();
            } else {
                eventLoop().execute(InProcessChannel.this::drain);
            }
        }
    }
}
