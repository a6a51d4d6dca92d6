package dev.upcall.client.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.client.bridge.BridgeObserver.Direction;
import dev.upcall.client.transport.IoKind;
import dev.upcall.client.transport.UnixTarget;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.List;
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

/// A guest that dials the host at a place for each port, as AF_VSOCK has them; here the places are UNIX
/// sockets.
@Timeout(60)
class HostPortTest {
    @TempDir
    private Path folder;

    private BridgeFixture bridged;
    private Path door;

    @BeforeEach
    void a_folder_is_prepared() throws IOException {
        bridged = new BridgeFixture(folder);
        door = folder.resolve("door52");
    }

    @AfterEach
    void everything_is_closed() throws IOException {
        bridged.close();
    }

    @ParameterizedTest
    @EnumSource
    void a_guest_says_no_line_and_hears_no_ok(IoKind kind) throws IOException {
        ServerSocketChannel program = bridged.closing(Peer.listen(folder.resolve("vm.sock_52")));
        bridged.start(kind, new Dialling(), options -> options);
        try (Peer guest = Peer.dial(door);
                Peer host = Peer.accept(program)) {
            guest.write("CONNECT 53\n"); // only bytes here
            assertThat(host.read(11)).isEqualTo("CONNECT 53\n");
            host.write("hello guest");
            assertThat(guest.read(11)).isEqualTo("hello guest");
        }
        assertThat(bridged.ends.next().direction()).isEqualTo(Direction.GUEST_TO_HOST);
    }

    @ParameterizedTest
    @EnumSource
    void where_no_program_listens_the_guest_is_hung_up_on(IoKind kind) throws IOException {
        bridged.start(kind, new Dialling(), options -> options);
        try (Peer guest = Peer.dial(door)) {
            assertThat(guest.readToEnd()).isEmpty();
        }
        assertThat(bridged.ends.next().reason()).isEqualTo(CloseReason.CALLEE_REFUSED);
    }

    @Test
    void either_side_may_stop_writing_and_still_read() throws IOException {
        ServerSocketChannel program = bridged.closing(Peer.listen(folder.resolve("vm.sock_52")));
        bridged.start(IoKind.EPOLL, new Dialling(), options -> options);
        try (Peer guest = Peer.dial(door);
                Peer host = Peer.accept(program)) {
            guest.write("question");
            guest.end();
            assertThat(host.readToEnd()).isEqualTo("question");
            host.write("answer");
            host.end();
            assertThat(guest.readToEnd()).isEqualTo("answer");
        }
        assertThat(bridged.ends.next().reason()).isEqualTo(CloseReason.FINISHED);
    }

    @Test
    void a_place_that_cannot_be_had_fails_the_start_and_leaves_nothing() throws IOException {
        bridged.closing(Peer.listen(door));
        assertThatThrownBy(() -> bridged.start(IoKind.EPOLL, new Dialling(), options -> options))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("door52");
        assertThat(bridged.socket).doesNotExist();
    }

    @Test
    void a_cid_brings_its_ports_each_once_and_a_folder_takes_none() {
        assertThat(GuestEnd.parse("vsock://3", 52, 53, 52).hostPorts())
                .extracting(HostPort::toString)
                .containsExactly("HostPort[port=52, listen=vsock://3:52]", "HostPort[port=53, listen=vsock://3:53]");
        assertThat(GuestEnd.parse("vsock://3").hostPorts()).isEmpty();
        assertThatThrownBy(() -> GuestEnd.parse("unix:///run/guest", 52))
                .hasMessageContaining("found \"unix:///run/guest\"")
                .hasMessageContaining("/run/guest/host");
        assertThatThrownBy(() -> GuestEnd.vsock(3, 0xFFFF_FFFFL)).hasMessageContaining("found 4294967295");
    }

    /// Only dials.
    private final class Dialling implements GuestEnd {
        @Override
        public CompletionStage<BridgeStream> open(
                long port, EventLoop loop, int bufferBytes, BridgeStream.Receiver receiver) {
            return CompletableFuture.failedFuture(new IOException("this guest has no ports"));
        }

        @Override
        public Optional<Path> hostSocket() {
            return Optional.empty();
        }

        @Override
        public List<HostPort> hostPorts() {
            return List.of(new HostPort(52, new UnixTarget(door)));
        }
    }
}
