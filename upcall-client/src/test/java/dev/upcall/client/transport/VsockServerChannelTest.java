package dev.upcall.client.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.LinuxSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Over loopback TCP, whose sockets differ only in the address that nobody here reads.
@Timeout(60)
class VsockServerChannelTest {
    private final Loops loops = new Loops();
    private InetSocketAddress at = new InetSocketAddress(0);

    @AfterEach
    void the_loops_end() {
        loops.close();
    }

    @Test
    void who_connects_is_accepted_and_heard() throws IOException {
        Await.result(listen(new Upper()));
        try (SocketChannel peer = SocketChannel.open(at)) {
            assertThat(said(peer, "hello")).isEqualTo("HELLO");
        }
    }

    @Test
    void a_port_that_is_taken_is_a_failure_and_closes_the_descriptor() {
        ChannelFuture bound = listen(new Upper(), _ -> {
            throw new IOException("bind vsock any:52: EADDRINUSE");
        });
        assertThat(Await.failure(bound)).hasMessageContaining("EADDRINUSE");
        Await.result(bound.channel().closeFuture());
    }

    @Test
    void a_stranger_is_hung_up_on_and_the_next_guest_is_heard() throws IOException {
        AtomicInteger came = new AtomicInteger();
        Await.result(listen(new OnlyFrom(3, new Upper(), _ -> came.incrementAndGet() < 3 ? 4 : 3)));
        for (int stranger = 0; stranger < 2; stranger++) {
            try (SocketChannel peer = SocketChannel.open(at)) {
                assertThat(peer.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            }
        }
        try (SocketChannel guest = SocketChannel.open(at)) {
            assertThat(said(guest, "it is me")).isEqualTo("IT IS ME");
        }
    }

    @Test
    void one_who_is_gone_before_it_is_looked_at_is_a_stranger() throws IOException {
        Await.result(listen(new OnlyFrom(3, new Upper(), _ -> {
            throw new IOException("getpeername: ENOTCONN");
        })));
        try (SocketChannel peer = SocketChannel.open(at)) {
            assertThat(peer.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        }
    }

    private ChannelFuture listen(ChannelHandler accepted) {
        return listen(accepted, socket -> {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            socket.listen(16);
            at = socket.localAddress();
        });
    }

    private ChannelFuture listen(ChannelHandler accepted, Listen how) {
        return new ServerBootstrap()
                .group(loops.next(IoKind.EPOLL))
                .channelFactory(() -> {
                    LinuxSocket socket = LinuxSocket.newSocketStream(false);
                    return new VsockServerChannel(socket, _ -> how.start(socket));
                })
                .childHandler(accepted)
                .bind(new VsockChannel.Label(Target.parse("vsock://3")));
    }

    private static String said(SocketChannel peer, String text) throws IOException {
        peer.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        ByteBuffer answer = ByteBuffer.allocate(text.length());
        while (answer.hasRemaining()) {
            assertThat(peer.read(answer)).isPositive();
        }
        return new String(answer.array(), StandardCharsets.US_ASCII);
    }

    private interface Listen {
        void start(LinuxSocket socket) throws IOException;
    }

    /// A service that one sees has answered.
    @Sharable
    private static final class Upper extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            String text = ((ByteBuf) bytes).toString(StandardCharsets.US_ASCII);
            ((ByteBuf) bytes).release();
            Channel channel = context.channel();
            var _ = channel.writeAndFlush(
                    Unpooled.copiedBuffer(text.toUpperCase(java.util.Locale.ROOT), StandardCharsets.US_ASCII));
        }
    }
}
