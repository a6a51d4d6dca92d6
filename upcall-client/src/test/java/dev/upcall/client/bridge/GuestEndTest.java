package dev.upcall.client.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.client.transport.Await;
import dev.upcall.client.transport.IoKind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A guest of somebody else, behind the same bridge: it answers when the test wants it to.
@Timeout(60)
class GuestEndTest {
    @TempDir
    private Path folder;

    private BridgeFixture bridged;
    private final SlowGuest guest = new SlowGuest();

    @BeforeEach
    void a_folder_is_prepared() throws IOException {
        bridged = new BridgeFixture(folder);
    }

    @AfterEach
    void everything_is_closed() throws IOException {
        bridged.close();
    }

    @ParameterizedTest
    @EnumSource
    void ok_is_said_only_when_the_guest_is_open(IoKind kind) throws IOException {
        Bridge bridge = bridged.start(kind, guest, options -> options);
        Peer host = bridged.closing(Peer.dial(bridged.socket));
        host.write("CONNECT 7\nearly");
        assertThat(Await.result(guest.asked)).isEqualTo(7);
        for (int i = 0; i < 100; i++) {
            bridge.connections();
        }
        host.channel.configureBlocking(false);
        assertThat(host.channel.read(ByteBuffer.allocate(1))).isZero();
        host.channel.configureBlocking(true);
        guest.opening.complete(guest.stream);
        host.readOk();
        assertThat(Await.result(guest.stream.first)).isEqualTo("early");
        guest.say("late");
        assertThat(host.read(4)).isEqualTo("late");
    }

    @ParameterizedTest
    @EnumSource
    void a_guest_that_never_answers_is_given_up_and_closed_when_it_does(IoKind kind) throws IOException {
        bridged.start(kind, guest, options -> options.withGuestDeadline(Duration.ofMillis(50)));
        Peer host = bridged.closing(Peer.dial(bridged.socket));
        host.write("CONNECT 7\n");
        assertThat(host.readToEnd()).isEmpty();
        assertThat(bridged.ends.next().reason()).isEqualTo(CloseReason.CALLEE_LATE);
        guest.opening.complete(guest.stream);
        Await.result(guest.stream.closed);
    }

    @ParameterizedTest
    @EnumSource
    void a_guest_that_refuses_is_quoted(IoKind kind) throws IOException {
        bridged.start(kind, guest, options -> options);
        guest.opening.completeExceptionally(new IOException("the guest is \u001b[1masleep"));
        Peer host = bridged.closing(Peer.dial(bridged.socket));
        host.write("CONNECT 7\n");
        assertThat(host.readToEnd()).isEmpty();
        assertThat(bridged.ends.next())
                .isEqualTo(new Ends.End(
                        BridgeObserver.Direction.HOST_TO_GUEST,
                        CloseReason.CALLEE_REFUSED,
                        "the callee refused: the guest is \\x1b[1masleep",
                        0,
                        0));
    }

    @ParameterizedTest
    @EnumSource
    void a_guest_end_that_throws_refuses(IoKind kind) throws IOException {
        guest.mistake = true;
        bridged.start(kind, guest, options -> options);
        Peer host = bridged.closing(Peer.dial(bridged.socket));
        host.write("CONNECT 7\n");
        assertThat(host.readToEnd()).isEmpty();
        assertThat(bridged.ends.next().reason()).isEqualTo(CloseReason.CALLEE_REFUSED);
    }

    @ParameterizedTest
    @EnumSource
    void closing_the_bridge_closes_the_stream(IoKind kind) throws IOException {
        Bridge bridge = bridged.start(kind, guest, options -> options);
        guest.opening.complete(guest.stream);
        bridged.closing(Peer.connect(bridged.socket, 7));
        bridge.close();
        Await.result(guest.stream.closed);
    }

    @Test
    void is_named_by_a_folder_or_a_cid() {
        assertThat(GuestEnd.parse("unix:///run/guest").hostSocket()).contains(Path.of("/run/guest/host"));
        assertThat(GuestEnd.parse("vsock://3").hostSocket()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"vsock://3:1", "hvsock:///run/vm.sock"})
    void anything_else_is_refused(String uri) {
        assertThatThrownBy(() -> GuestEnd.parse(uri))
                .hasMessageContaining("expected unix:///folder or vsock://CID as a guest end, found \"" + uri);
    }

    private static final class SlowGuest implements GuestEnd {
        final CompletableFuture<Long> asked = new CompletableFuture<>();
        final CompletableFuture<BridgeStream> opening = new CompletableFuture<>();
        final Stream stream = new Stream();
        volatile boolean mistake;
        private final CompletableFuture<Runnable> speak = new CompletableFuture<>();
        private volatile String words = "";

        @Override
        public CompletionStage<BridgeStream> open(
                long port, EventLoop loop, int bufferBytes, BridgeStream.Receiver receiver) {
            if (mistake) {
                throw new IllegalStateException("a guest end's mistake");
            }
            speak.complete(() ->
                    loop.execute(() -> receiver.received(Unpooled.copiedBuffer(words, StandardCharsets.US_ASCII))));
            asked.complete(port);
            return opening;
        }

        @Override
        public Optional<Path> hostSocket() {
            return Optional.empty();
        }

        void say(String text) {
            words = text;
            Await.result(speak).run();
        }
    }

    private static final class Stream implements BridgeStream {
        final CompletableFuture<String> first = new CompletableFuture<>();
        final CompletableFuture<Boolean> closed = new CompletableFuture<>();

        @Override
        public void write(ByteBuf bytes) {
            first.complete(bytes.toString(StandardCharsets.US_ASCII));
            bytes.release();
        }

        @Override
        public void read(boolean on) {}

        @Override
        public void end() {}

        @Override
        public void finish() {
            close();
        }

        @Override
        public void close() {
            closed.complete(true);
        }
    }
}
