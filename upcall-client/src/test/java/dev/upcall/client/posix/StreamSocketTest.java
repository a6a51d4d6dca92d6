package dev.upcall.client.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Over UNIX sockets: the family is the only difference to what [VsockSocket] does.
class StreamSocketTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    @TempDir
    private Path folder;

    @Test
    void connects_to_who_listens() throws PosixException {
        Path path = folder.resolve("s");
        try (Fd listener = listener(path);
                Fd client = StreamSocket.open(UnixAddress.FAMILY);
                Arena arena = Arena.ofConfined()) {
            assertThat(StreamSocket.startConnect(client.number(), UnixAddress.encode(path, arena), "s"))
                    .isTrue();
            StreamSocket.awaitConnected(client, DEADLINE, "s");
            try (Fd accepted = StreamSocket.accept(listener, DEADLINE).orElseThrow()) {
                assertThat(accepted.isOpen()).isTrue();
            }
        }
    }

    @Test
    void bytes_go_both_ways_and_more_than_the_socket_holds() throws Exception {
        Path path = folder.resolve("s");
        byte[] much = new byte[4 << 20];
        new Random(1).nextBytes(much);
        try (Fd listener = listener(path);
                Fd client = StreamSocket.open(UnixAddress.FAMILY);
                Arena arena = Arena.ofConfined()) {
            StreamSocket.startConnect(client.number(), UnixAddress.encode(path, arena), "s");
            try (Fd accepted = StreamSocket.accept(listener, DEADLINE).orElseThrow()) {
                FutureTask<byte[]> reading = new FutureTask<>(() -> readToTheEnd(accepted));
                Thread.ofPlatform().daemon().start(reading);
                StreamSocket.write(client, ByteBuffer.wrap(much));
                StreamSocket.shutdown(client);
                assertThat(reading.get()).isEqualTo(much);
                assertThatThrownBy(() -> StreamSocket.write(accepted, ByteBuffer.allocate(1)))
                        .hasMessageStartingWith("send: EPIPE");
            }
        }
    }

    @Test
    void after_our_end_the_peer_reads_the_rest_and_may_still_answer() throws PosixException {
        Path path = folder.resolve("s");
        try (Fd listener = listener(path);
                Fd client = StreamSocket.open(UnixAddress.FAMILY);
                Arena arena = Arena.ofConfined()) {
            StreamSocket.startConnect(client.number(), UnixAddress.encode(path, arena), "s");
            try (Fd accepted = StreamSocket.accept(listener, DEADLINE).orElseThrow()) {
                StreamSocket.write(client, ByteBuffer.wrap(new byte[] {1, 2}));
                StreamSocket.shutdownOutput(client);
                assertThat(readToTheEnd(accepted)).containsExactly(1, 2);

                StreamSocket.write(accepted, ByteBuffer.wrap(new byte[] {3}));
                StreamSocket.shutdownOutput(accepted);
                assertThat(readToTheEnd(client)).containsExactly(3);
            }
        }
    }

    private static byte[] readToTheEnd(Fd fd) throws PosixException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer some = ByteBuffer.allocate(4096);
        while (StreamSocket.read(fd, some.clear()) >= 0) {
            byte[] bytes = new byte[some.flip().remaining()];
            some.get(bytes);
            all.writeBytes(bytes);
        }
        return all.toByteArray();
    }

    @Test
    void says_whom_it_could_not_connect_to_and_why() throws PosixException {
        try (Fd client = StreamSocket.open(UnixAddress.FAMILY);
                Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> StreamSocket.startConnect(
                            client.number(), UnixAddress.encode(folder.resolve("none"), arena), "the guest"))
                    .hasMessage("connect the guest: ENOENT (no such file)");
        }
    }

    @Test
    void accepting_nobody_ends_with_the_deadline() throws PosixException {
        try (Fd listener = listener(folder.resolve("s"))) {
            long start = System.nanoTime();
            assertThat(StreamSocket.accept(listener, Duration.ofMillis(20))).isEmpty();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(20));
        }
    }

    @Test
    void a_deadline_that_has_passed_does_not_wait() throws PosixException {
        try (Fd listener = listener(folder.resolve("s"))) {
            assertThat(StreamSocket.accept(listener, Duration.ofSeconds(-1))).isEmpty();
        }
    }

    @Test
    void a_path_too_long_for_the_kernel_is_refused() {
        Path path = Path.of("/" + "x".repeat(107));
        assertThatThrownBy(() -> UnixAddress.encode(path, Arena.ofAuto())).hasMessageContaining("found 108");
    }

    @Test
    void the_peer_of_another_family_is_no_vsock_address() throws PosixException {
        Path path = folder.resolve("s");
        try (Fd listener = listener(path);
                Fd client = StreamSocket.open(UnixAddress.FAMILY);
                Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> VsockSocket.peerOf(client.number())).hasMessageContaining("getpeername: ENOTCONN");
            StreamSocket.startConnect(client.number(), UnixAddress.encode(path, arena), "s");
            assertThat(listener.isOpen()).isTrue();
            assertThatThrownBy(() -> VsockSocket.peerOf(client.number()))
                    .hasMessageContaining("expected family 40 (AF_VSOCK), found 1");
        }
    }

    private static Fd listener(Path path) throws PosixException {
        Fd fd = StreamSocket.open(UnixAddress.FAMILY);
        try (Arena arena = Arena.ofConfined()) {
            StreamSocket.listen(fd.number(), UnixAddress.encode(path, arena), 8, path.toString());
        }
        return fd;
    }
}
