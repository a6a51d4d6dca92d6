package dev.upcall.client.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.client.transport.DialFailure.Reason;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// What the kernel really answers, through epoll and through NIO.
class DialFailureTest {
    @TempDir
    private Path folder;

    private final Loops loops = new Loops();

    @AfterEach
    void the_loops_end() {
        loops.close();
    }

    @ParameterizedTest
    @EnumSource
    void no_file(IoKind kind) {
        assertThat(dial(kind, folder.resolve("none")).reason()).isEqualTo(Reason.NO_SOCKET_FILE);
    }

    @ParameterizedTest
    @EnumSource
    void no_folder(IoKind kind) {
        assertThat(dial(kind, folder.resolve("none/s")).reason()).isEqualTo(Reason.NO_SOCKET_FILE);
    }

    @ParameterizedTest
    @EnumSource
    void a_dead_socket_refuses(IoKind kind) throws IOException {
        Path path = folder.resolve("dead");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
        }
        DialFailure failure = dial(kind, path);
        assertThat(failure.reason()).isEqualTo(Reason.REFUSED);
        assertThat(failure.message()).startsWith("dialling unix://" + path + ": refused");
    }

    /// As Netty reports what a real guest answered for a port without a listener.
    @Test
    void a_vsock_port_nobody_listens_on_was_an_unknown_reason() {
        DialFailure failure = DialFailure.of(
                new VsockTarget(VsockTarget.CID_LOCAL, 220),
                new ConnectException("finishConnect(..) failed with error(-104): Connection reset by peer"));
        assertThat(failure.reason()).isEqualTo(Reason.REFUSED);
        assertThat(failure.message()).startsWith("dialling vsock://1:220: refused, nobody listens there");
    }

    @ParameterizedTest
    @EnumSource
    void an_ordinary_file_is_no_socket(IoKind kind) throws IOException {
        assertThat(dial(kind, Files.createFile(folder.resolve("file"))).reason())
                .isEqualTo(Reason.NOT_A_SOCKET);
        assertThat(dial(kind, Files.createDirectory(folder.resolve("sub"))).reason())
                .isEqualTo(Reason.NOT_A_SOCKET);
    }

    @ParameterizedTest
    @EnumSource
    void a_full_backlog_is_not_a_refusal(IoKind kind) throws IOException {
        Path path = folder.resolve("busy");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path), 1);
            EventLoop loop = loops.next(kind);
            @Nullable Throwable cause = null;
            for (int i = 0; i < 8 && cause == null; i++) {
                ChannelFuture dialled = Transports.dial(new UnixTarget(path), loop, new Received());
                dialled.awaitUninterruptibly(Await.DEADLINE_SECONDS * 1000);
                cause = dialled.cause();
            }
            assertThat(DialFailure.of(new UnixTarget(path), Objects.requireNonNull(cause))
                            .reason())
                    .isEqualTo(Reason.BACKLOG_FULL);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "connect(..) failed with error(-13): Permission denied, PERMISSION",
        "Permission denied, PERMISSION",
        "connect(..) failed with error(-91): Protocol wrong type for socket, NOT_A_SOCKET",
        "something new, OTHER",
    })
    void the_kernels_words(String message, Reason reason) {
        assertThat(DialFailure.reasonOf(new IOException("wrapped", new ConnectException(message))))
                .isEqualTo(reason);
    }

    @Test
    void what_is_not_understood_is_passed_on() {
        DialFailure failure = DialFailure.of(Target.parse("vsock://3"), new IOException("odd"));
        assertThat(failure).isEqualTo(new DialFailure(Reason.OTHER, "dialling vsock://3: odd"));
        assertThat(failure.reason().passes()).isTrue();
    }

    @Test
    void a_circle_of_causes_ends() {
        IOException first = new IOException("a");
        IOException second = new IOException("b", first);
        first.initCause(second);
        assertThat(DialFailure.reasonOf(first)).isEqualTo(Reason.OTHER);
    }

    @Test
    void only_what_somebody_must_correct_does_not_pass() {
        assertThat(Reason.values())
                .filteredOn(reason -> !reason.passes())
                .containsExactly(Reason.PERMISSION, Reason.NOT_A_SOCKET);
    }

    private DialFailure dial(IoKind kind, Path path) {
        Target target = new UnixTarget(path);
        return DialFailure.of(target, Await.failure(Transports.dial(target, loops.next(kind), new Received())));
    }
}
