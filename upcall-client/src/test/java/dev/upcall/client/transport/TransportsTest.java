package dev.upcall.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Over real sockets, once on epoll and once on NIO.
class TransportsTest {
    @TempDir
    private Path folder;

    private final Loops loops = new Loops();

    @AfterEach
    void the_loops_end() {
        loops.close();
    }

    @ParameterizedTest
    @EnumSource
    void bytes_go_there_and_back(IoKind kind) {
        EventLoop loop = loops.next(kind);
        Path path = folder.resolve("s");
        Await.result(Transports.listen(new UnixTarget(path), loop, new Echo()));
        Received received = new Received();
        Channel channel = Await.channel(Transports.dial(new UnixTarget(path), loop, received));
        Await.result(channel.writeAndFlush(ascii("hello")));
        assertThat(received.next(5)).isEqualTo("hello");
    }

    @ParameterizedTest
    @EnumSource
    void the_socket_is_for_its_owner_only_and_leaves_nothing_else_in_the_folder(IoKind kind) throws IOException {
        Path path = folder.resolve("s");
        Await.result(Transports.listen(new UnixTarget(path), loops.next(kind), new Echo()));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
        assertThat(names()).containsExactly("s");
    }

    @ParameterizedTest
    @EnumSource
    void the_file_goes_with_the_channel(IoKind kind) throws IOException {
        Path path = folder.resolve("s");
        Channel channel = Await.result(Transports.listen(new UnixTarget(path), loops.next(kind), new Echo()));
        Await.result(channel.close());
        assertThat(names()).isEmpty();
    }

    /// With a quiet period: without one Netty 4.2.18 may end a loop in the middle of a turn, its channels still
    /// open.
    @ParameterizedTest
    @EnumSource
    void the_file_goes_when_the_loop_shuts_down(IoKind kind) throws IOException {
        EventLoopGroup group = Transports.newLoops(1, "test", kind);
        Await.result(Transports.listen(new UnixTarget(folder.resolve("s")), group.next(), new Echo()));
        Await.result(group.shutdownGracefully(1, 1000, TimeUnit.MILLISECONDS));
        assertThat(names()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void a_file_that_somebody_else_has_put_there_since_is_left_alone(IoKind kind) throws IOException {
        Path path = folder.resolve("s");
        Channel channel = Await.result(Transports.listen(new UnixTarget(path), loops.next(kind), new Echo()));
        Files.move(path, folder.resolve("moved"));
        Files.createFile(path);
        Await.result(channel.close());
        assertThat(path).exists();
    }

    @ParameterizedTest
    @EnumSource
    void the_socket_of_a_process_that_died_is_replaced(IoKind kind) throws IOException {
        Path path = folder.resolve("s");
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(path));
        }
        EventLoop loop = loops.next(kind);
        Await.result(Transports.listen(new UnixTarget(path), loop, new Echo()));
        Await.channel(Transports.dial(new UnixTarget(path), loop, new Received()));
    }

    @ParameterizedTest
    @EnumSource
    void a_socket_that_somebody_listens_on_is_not_taken(IoKind kind) throws IOException {
        Path path = folder.resolve("s");
        EventLoop loop = loops.next(kind);
        Await.result(Transports.listen(new UnixTarget(path), loop, new Echo()));
        assertThat(Await.failure(Transports.listen(new UnixTarget(path), loop, new Echo())))
                .hasMessageContaining("found one that somebody listens on");
        Await.channel(Transports.dial(new UnixTarget(path), loop, new Received()));
        assertThat(names()).containsExactly("s");
    }

    @ParameterizedTest
    @EnumSource
    void a_file_that_is_no_socket_is_not_taken(IoKind kind) throws IOException {
        Path path = Files.writeString(folder.resolve("s"), "precious");
        assertThat(Await.failure(Transports.listen(new UnixTarget(path), loops.next(kind), new Echo())))
                .hasMessageContaining("found a file: choose another path");
        assertThat(path).hasContent("precious");
    }

    @ParameterizedTest
    @EnumSource
    void a_folder_that_does_not_exist_fails_the_listener(IoKind kind) {
        Path path = folder.resolve("none/s");
        assertThat(Await.failure(Transports.listen(new UnixTarget(path), loops.next(kind), new Echo())))
                .hasMessage("expected a folder to make the socket " + path + " in, found none: create it");
    }

    /// What Netty reports when `accept` answers EMFILE; a listener that went on at once would spin.
    @ParameterizedTest
    @EnumSource
    void out_of_descriptors_a_listener_pauses_and_goes_on(IoKind kind) {
        EventLoop loop = loops.next(kind);
        Path path = folder.resolve("s");
        Channel listener = Await.result(Transports.listen(new UnixTarget(path), loop, new Echo()));
        listener.pipeline().fireExceptionCaught(new IOException("accept(..) failed: Too many open files"));
        assertThat(Await.result(loop.submit(() -> listener.config().isAutoRead())))
                .isFalse();
        assertThat(Await.result(loop.schedule(() -> listener.config().isAutoRead(), 1500, TimeUnit.MILLISECONDS)))
                .isTrue();
        assertThat(listener.isOpen()).isTrue();
    }

    @Test
    void java_code_is_not_listened_on() {
        InProcessTarget here = new InProcessTarget("here", _ -> {
            throw new IOException("nobody dials here");
        });
        assertThat(Await.failure(Transports.listen(here, loops.next(IoKind.NIO), new Echo())))
                .hasMessageContaining("found " + here);
    }

    @Test
    void vsock_needs_epoll_and_says_so() {
        assertThat(Await.failure(
                        Transports.listen(Target.parseListener("vsock://any"), loops.next(IoKind.NIO), new Echo())))
                .hasMessageContaining("expected an epoll loop for vsock://any");
        assertThat(Await.failure(Transports.dial(Target.parse("vsock://3"), loops.next(IoKind.NIO), new Received())))
                .hasStackTraceContaining("expected an epoll loop for vsock://3");
    }

    @Test
    void loops_run_on_daemon_threads_with_the_name_given() {
        EventLoop loop = loops.next(IoKind.NIO);
        Thread thread = Await.result(loop.submit(Thread::currentThread));
        assertThat(thread.isDaemon()).isTrue();
        assertThat(thread.getName()).startsWith("test-");
        assertThatThrownBy(() -> Transports.newLoops(0, "test")).hasMessageContaining("found 0");
    }

    @Test
    void the_property_chooses_the_kind() {
        try {
            System.setProperty(IoKind.PROPERTY, "nio");
            assertThat(IoKind.best()).isEqualTo(IoKind.NIO);
            System.setProperty(IoKind.PROPERTY, "kqueue");
            assertThatThrownBy(IoKind::best).hasMessageContaining("found \"kqueue\"");
        } finally {
            System.clearProperty(IoKind.PROPERTY);
        }
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static ByteBuf ascii(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    @Sharable
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            var _ = context.writeAndFlush(message);
        }
    }
}
