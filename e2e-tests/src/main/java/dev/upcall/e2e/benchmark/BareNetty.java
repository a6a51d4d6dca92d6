package dev.upcall.e2e.benchmark;

import dev.upcall.proto.message.RequestWriter;
import dev.upcall.proto.wire.FrameLayout;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/// Netty with the least handler that can be: no session, no deadline, no metrics, no future for the caller.
@SuppressWarnings("FutureReturnValueIgnored") // a peer that fails never answers, and that is seen
final class BareNetty implements Peer.Work {

    private final ByteBuf request = Unpooled.unreleasableBuffer(
            Unpooled.directBuffer(FrameLayout.FRAME_BYTES).writeBytes(RequestWriter.toBytes(Guest.REQUEST)));
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final List<Ping> pings = new ArrayList<>();
    private final List<Channel> channels = new ArrayList<>();
    private final Samples samples = new Samples();

    BareNetty(Path path, int connections) throws Exception {
        CountDownLatch connected = new CountDownLatch(connections);
        for (int i = 0; i < connections; i++) {
            Ping ping = new Ping(connected);
            pings.add(ping);
            channels.add(new Bootstrap()
                    .group(loops)
                    .channel(EpollDomainSocketChannel.class)
                    .handler(ping)
                    .connect(new DomainSocketAddress(path.toString()))
                    .sync()
                    .channel());
        }
        connected.await();
    }

    @Override
    public String run(long millis) throws Exception {
        samples.clear();
        long bytes = Cost.allocatedBytes();
        long begin = System.nanoTime();
        CountDownLatch ended = new CountDownLatch(pings.size());
        for (int i = 0; i < pings.size(); i++) {
            Ping ping = pings.get(i);
            Channel channel = channels.get(i);
            channel.eventLoop().execute(() -> ping.start(channel, begin + millis * 1_000_000, ended));
        }
        ended.await();
        long nanos = System.nanoTime() - begin;
        long answers = pings.stream().mapToLong(ping -> ping.answers).sum();
        double perCall = (double) (Cost.allocatedBytes() - bytes) / answers;
        return samples + " rate " + answers * 1e9 / nanos + " bytes " + perCall;
    }

    private enum Phase {
        LINE,
        CONNECT,
        REPLY
    }

    /// One connection. Confined to the event loop.
    private final class Ping extends ChannelInboundHandlerAdapter {
        private final CountDownLatch connected;
        private @Nullable CountDownLatch ended;
        private Phase phase = Phase.LINE;
        private int gathered;
        private long answers;
        private long before;
        private long end;

        private Ping(CountDownLatch connected) {
            this.connected = connected;
        }

        private void start(Channel channel, long until, CountDownLatch whenEnded) {
            answers = 0;
            end = until;
            ended = whenEnded;
            before = System.nanoTime();
            send(channel);
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            send(context.channel(), "CONNECT 219\n");
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            gathered += bytes.readableBytes();
            boolean lineEnds = bytes.getByte(bytes.writerIndex() - 1) == '\n';
            bytes.release();
            if (phase == Phase.LINE && lineEnds) {
                phase = Phase.CONNECT;
                gathered = 0;
                send(context.channel(), "d");
            } else if (gathered == FrameLayout.FRAME_BYTES) {
                gathered = 0;
                if (phase == Phase.CONNECT) {
                    phase = Phase.REPLY;
                    connected.countDown();
                } else {
                    answered(context.channel());
                }
            }
        }

        private void answered(Channel channel) {
            answers++;
            long after = System.nanoTime();
            samples.add(after - before);
            before = after;
            if (after < end) {
                send(channel);
            } else if (ended != null) {
                ended.countDown();
            }
        }

        private void send(Channel channel) {
            channel.writeAndFlush(request.duplicate(), channel.voidPromise());
        }

        private static void send(Channel channel, String text) {
            channel.writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII), channel.voidPromise());
        }
    }
}
