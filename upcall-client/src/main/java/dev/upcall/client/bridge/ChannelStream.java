package dev.upcall.client.bridge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A Netty channel as a [BridgeStream]. The only handler of its pipeline; confined to the bridge's event loop.
///
/// Everything a receiver is told comes after the channel is active; what happens to a channel that never connected
/// is its dialler's business.
final class ChannelStream extends ChannelInboundHandlerAdapter implements BridgeStream {
    private final Receiver receiver;
    private final int bufferBytes;

    private @Nullable Channel channel;
    private @Nullable Throwable cause;
    private boolean wasActive;

    ChannelStream(Receiver receiver, int bufferBytes) {
        this.receiver = receiver;
        this.bufferBytes = bufferBytes;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        Channel added = context.channel();
        added.config().setAutoRead(false);
        added.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        added.config().setWriteBufferWaterMark(new WriteBufferWaterMark(bufferBytes / 2, bufferBytes));
        channel = added;
        wasActive = added.isActive();
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        wasActive = true;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
        receiver.received((ByteBuf) bytes);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        receiver.writable(context.channel().isWritable());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            receiver.ended();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
        cause = thrown;
        var _ = context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (wasActive) {
            receiver.closed(cause);
        }
    }

    @Override
    public void write(ByteBuf bytes) {
        var _ = channel().writeAndFlush(bytes); // a failure closes the channel, which is told
    }

    @Override
    public void read(boolean on) {
        channel().config().setAutoRead(on);
    }

    /// Behind an empty write, because Netty throws away what is still queued when it shuts the output down.
    @Override
    public void end() {
        channel().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> {
            if (channel() instanceof DuplexChannel duplex && duplex.isActive()) {
                var _ = duplex.shutdownOutput();
            }
        });
    }

    @Override
    public void finish() {
        channel().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void close() {
        var _ = channel().close();
    }

    private Channel channel() {
        return Objects.requireNonNull(channel, "the stream is used before its channel is registered");
    }
}
