package dev.upcall.client.session;

import dev.upcall.proto.hybrid.ConnectLine;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.message.RequestWriter;
import dev.upcall.proto.session.Event;
import dev.upcall.proto.session.InboundStream;
import dev.upcall.proto.wire.FrameLayout;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One transport of a session: a channel, its number, and the bytes that are being gathered from it. Event loop only.
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close reaches exceptionCaught and channelInactive
final class Link extends ChannelInboundHandlerAdapter {

    /// Selects the device-manager service of the guest.
    private static final byte DEVICE_MANAGER = 'd';

    private final long epoch;
    private final InboundStream inbound;
    private final Consumer<Event> events;
    private final SessionListener listener;
    private final boolean traces;
    private final LoopBuffers buffers = LoopBuffers.ofThisLoop();
    private @Nullable Channel channel;
    private boolean dropped;
    private String ending = "end of stream";

    Link(long epoch, boolean hybrid, Consumer<Event> events, SessionListener listener) {
        this.epoch = epoch;
        this.inbound = new InboundStream(epoch, hybrid, events);
        this.events = events;
        this.listener = listener;
        this.traces = listener.traces();
    }

    long epoch() {
        return epoch;
    }

    /// The channel is known before it is open, so that a dial under way can be dropped.
    void bind(Channel dialling) {
        channel = dialling;
    }

    /// Writes a whole request in one piece: the guest does not reassemble (`upcall-wire` §2).
    void transmit(Request request) {
        Channel out = channel();
        ByteBuf frame = buffers.frame(out.alloc());
        ByteBuffer bytes = frame.internalNioBuffer(0, FrameLayout.FRAME_BYTES);
        RequestWriter.write(request, bytes, bytes.position());
        frame.writerIndex(FrameLayout.FRAME_BYTES);
        write(out, frame);
    }

    void sendConnectLine(long port) {
        Channel out = channel();
        write(out, out.alloc().ioBuffer(32).writeBytes(ConnectLine.bytes(port)));
    }

    void sendServiceByte() {
        Channel out = channel();
        write(out, out.alloc().ioBuffer(1).writeByte(DEVICE_MANAGER));
    }

    void drop() {
        dropped = true;
        Channel open = channel;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        context.channel().config().setRecvByteBufAllocator(buffers.reader());
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        channel = context.channel();
        if (!dropped) {
            events.accept(new Event.TransportOpened(epoch));
        }
    }

    /// Whatever was read is taken, also when the link was dropped meanwhile: unread data leaks the stream on both
    /// sides of vhost-device-vsock (`hybrid-vsock`).
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            if (!dropped) {
                ByteBuffer input = bytes.nioBufferCount() == 1
                        ? bytes.internalNioBuffer(bytes.readerIndex(), bytes.readableBytes())
                        : bytes.nioBuffer();
                if (traces) {
                    listener.traffic(false, input.asReadOnlyBuffer());
                }
                inbound.accept(input);
            }
        } finally {
            bytes.release();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (!dropped) {
            inbound.end(ending);
        }
    }

    /// A failed read or write: the channel closes right after, and this says why.
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        ending = String.valueOf(cause.getMessage());
        context.close();
    }

    private void write(Channel out, ByteBuf bytes) {
        if (traces) {
            listener.traffic(true, bytes.nioBuffer());
        }
        out.writeAndFlush(bytes, out.voidPromise());
    }

    private Channel channel() {
        Channel open = channel;
        if (open == null) {
            throw new IllegalStateException("transport " + epoch + " is not open");
        }
        return open;
    }
}
