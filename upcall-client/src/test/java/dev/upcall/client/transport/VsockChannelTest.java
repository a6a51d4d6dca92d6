package dev.upcall.client.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.client.transport.DialFailure.Reason;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.epoll.LinuxSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Over loopback TCP: like AF_VSOCK, and unlike UNIX sockets, its connect is under way for a moment.
class VsockChannelTest {
    private final Loops loops = new Loops();

    @AfterEach
    void the_loops_end() {
        loops.close();
    }

    @Test
    void a_connect_under_way_is_waited_for_without_a_thread() throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Received received = new Received();
            Channel channel = Await.channel(dial((InetSocketAddress) server.getLocalAddress(), received));
            try (SocketChannel peer = server.accept()) {
                peer.write(ByteBuffer.wrap("hello".getBytes(StandardCharsets.US_ASCII)));
                assertThat(received.next(5)).isEqualTo("hello");
                Await.result(channel.writeAndFlush(Unpooled.copiedBuffer("back", StandardCharsets.US_ASCII)));
                assertThat(peer.read(ByteBuffer.allocate(16))).isEqualTo(4);
            }
            Await.result(received.inactive);
        }
    }

    @Test
    void a_refusal_that_comes_later_fails_the_dial() throws IOException {
        InetSocketAddress nobody;
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            nobody = (InetSocketAddress) server.getLocalAddress();
        }
        ChannelFuture dialled = dial(nobody, new Received());
        assertThat(DialFailure.reasonOf(Await.failure(dialled))).isEqualTo(Reason.REFUSED);
        Await.result(dialled.channel().closeFuture());
    }

    @Test
    void a_connect_that_fails_at_once_closes_the_descriptor() {
        ChannelFuture dialled = new Bootstrap()
                .group(loops.next(IoKind.EPOLL))
                .channelFactory(() -> new VsockChannel(LinuxSocket.newSocketStream(false), _ -> {
                    throw new IOException("no such guest");
                }))
                .handler(new Received())
                .disableResolver()
                .connect(label());
        assertThat(Await.failure(dialled)).hasMessageContaining("no such guest");
        Await.result(dialled.channel().closeFuture());
    }

    private ChannelFuture dial(InetSocketAddress to, Received received) {
        return new Bootstrap()
                .group(loops.next(IoKind.EPOLL))
                .channelFactory(() -> {
                    LinuxSocket socket = LinuxSocket.newSocketStream(false);
                    return new VsockChannel(socket, _ -> socket.connect(to));
                })
                .handler(received)
                .disableResolver()
                .connect(label());
    }

    private static VsockChannel.Label label() {
        return new VsockChannel.Label(Target.parse("vsock://3"));
    }
}
