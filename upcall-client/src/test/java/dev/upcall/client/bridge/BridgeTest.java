package dev.upcall.client.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.client.transport.IoKind;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A host's programs, a bridge and a guest's services, over real UNIX sockets; once on epoll and once on NIO.
@Timeout(60)
class BridgeTest {
    @TempDir
    private Path folder;

    private BridgeFixture bridged;

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
    void a_host_program_reaches_a_guest_port(IoKind kind) throws IOException {
        ServerSocketChannel service = bridged.guestPort(219);
        bridged.start(kind);
        try (Peer host = Peer.dial(bridged.socket)) {
            host.write("CONNECT 219\n");
            try (Peer guest = Peer.accept(service)) {
                assertThat(host.read(14)).isEqualTo("OK 1073741824\n");
                host.write("ping");
                assertThat(guest.read(4)).isEqualTo("ping");
                guest.write("pong");
                assertThat(host.read(4)).isEqualTo("pong");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_line_may_be_cut_anywhere_and_the_stream_may_stand_right_behind_it(IoKind kind) throws IOException {
        String said = "CONNECT 219\nhello";
        ServerSocketChannel service = bridged.guestPort(219);
        Bridge bridge = bridged.start(kind);
        for (int cut = 1; cut <= said.length(); cut++) {
            try (Peer host = Peer.dial(bridged.socket)) {
                host.write(said.substring(0, cut));
                bridge.connections(); // the loop turns between the pieces
                host.write(said.substring(cut));
                try (Peer guest = Peer.accept(service)) {
                    host.readOk();
                    assertThat(guest.read(5)).as("cut at %d", cut).isEqualTo("hello");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void single_bytes_and_lower_case_will_do(IoKind kind) throws IOException {
        ServerSocketChannel service = bridged.guestPort(219);
        Bridge bridge = bridged.start(kind);
        try (Peer host = Peer.dial(bridged.socket)) {
            for (byte b : "connect 219\nx".getBytes(StandardCharsets.US_ASCII)) {
                host.write(new byte[] {b});
                bridge.connections();
            }
            try (Peer guest = Peer.accept(service)) {
                host.readOk();
                assertThat(guest.read(1)).isEqualTo("x");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_is_no_line_is_hung_up_on(IoKind kind) throws IOException {
        bridged.start(kind);
        for (String said : List.of(
                "GET / HTTP/1.1\r\n", "CONNECT\n", "CONNECT x\n", "CONNECT 4294967295\n", "\n", "C".repeat(33))) {
            try (Peer host = Peer.dial(bridged.socket)) {
                host.write(said);
                assertThat(host.readToEnd()).isEmpty();
            }
            assertThat(bridged.ends.next().reason()).as(said).isEqualTo(CloseReason.BAD_LINE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_the_caller_said_is_quoted_with_its_control_characters_escaped(IoKind kind) throws IOException {
        bridged.start(kind);
        try (Peer host = Peer.dial(bridged.socket)) {
            host.write("\u001b[2J\n");
            assertThat(host.readToEnd()).isEmpty();
        }
        assertThat(bridged.ends.next().detail()).contains("\\x1b[2J").doesNotContain("\u001b");
    }

    @ParameterizedTest
    @EnumSource
    void who_says_nothing_is_hung_up_on_after_the_deadline(IoKind kind) throws IOException {
        bridged.start(kind, options -> options.withConnectDeadline(Duration.ofMillis(50)));
        try (Peer host = Peer.dial(bridged.socket)) {
            host.write("CONNECT 21");
            assertThat(host.readToEnd()).isEmpty();
        }
        assertThat(bridged.ends.next().reason()).isEqualTo(CloseReason.LINE_LATE);
    }

    @ParameterizedTest
    @EnumSource
    void who_leaves_without_a_line_is_forgotten(IoKind kind) throws IOException {
        Bridge bridge = bridged.start(kind);
        Peer.dial(bridged.socket).close();
        assertThat(bridged.ends.next().reason()).isEqualTo(CloseReason.NO_LINE);
        assertThat(bridge.connections()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void a_refused_port_closes_without_a_word(IoKind kind) throws IOException {
        bridged.guestPort(219).close(); // its file stays: ECONNREFUSED
        bridged.start(kind);
        for (long port : new long[] {219, 220, 4294967294L}) {
            try (Peer host = Peer.dial(bridged.socket)) {
                host.write("CONNECT " + port + "\n");
                assertThat(host.readToEnd()).isEmpty();
            }
            assertThat(bridged.ends.next().reason()).isEqualTo(CloseReason.CALLEE_REFUSED);
        }
    }

    @Test
    void the_host_may_stop_writing_and_still_read() throws IOException {
        ServerSocketChannel service = bridged.guestPort(219);
        bridged.start(IoKind.EPOLL);
        try (Peer host = Peer.connect(bridged.socket, 219);
                Peer guest = Peer.accept(service)) {
            host.write("question");
            host.end();
            assertThat(guest.readToEnd()).isEqualTo("question");
            guest.write("answer");
            guest.end();
            assertThat(host.readToEnd()).isEqualTo("answer");
        }
        assertThat(bridged.ends.next())
                .isEqualTo(new Ends.End(
                        BridgeObserver.Direction.HOST_TO_GUEST,
                        CloseReason.FINISHED,
                        "both sides have finished",
                        8,
                        6));
    }

    @Test
    void the_guest_may_stop_writing_and_still_read() throws IOException {
        ServerSocketChannel service = bridged.guestPort(219);
        bridged.start(IoKind.EPOLL);
        try (Peer host = Peer.connect(bridged.socket, 219);
                Peer guest = Peer.accept(service)) {
            guest.write("news");
            guest.end();
            assertThat(host.readToEnd()).isEqualTo("news");
            host.write("thanks");
            host.end();
            assertThat(guest.readToEnd()).isEqualTo("thanks");
        }
        assertThat(bridged.ends.next())
                .isEqualTo(new Ends.End(
                        BridgeObserver.Direction.HOST_TO_GUEST,
                        CloseReason.FINISHED,
                        "both sides have finished",
                        6,
                        4));
    }

    @Test
    void a_host_that_has_said_everything_before_ok_is_heard() throws IOException {
        ServerSocketChannel service = bridged.guestPort(219);
        bridged.start(IoKind.EPOLL);
        try (Peer host = Peer.dial(bridged.socket)) {
            host.write("CONNECT 219\nall of it");
            host.end();
            try (Peer guest = Peer.accept(service)) {
                assertThat(guest.readToEnd()).isEqualTo("all of it");
                guest.write("fine");
            }
            host.readOk();
            assertThat(host.readToEnd()).isEqualTo("fine");
        }
    }

    /// What Firecracker does, too; what was said before the end is not lost.
    @Test
    void on_nio_the_end_of_one_direction_is_the_end_of_both() throws IOException {
        ServerSocketChannel service = bridged.guestPort(219);
        bridged.start(IoKind.NIO);
        try (Peer host = Peer.dial(bridged.socket)) {
            host.write("CONNECT 219\nall of it");
            host.end();
            try (Peer guest = Peer.accept(service)) {
                assertThat(guest.readToEnd()).isEqualTo("all of it");
                host.readOk();
                assertThat(host.readToEnd()).isEmpty();
            }
        }
        assertThat(bridged.ends.next().reason()).isEqualTo(CloseReason.CALLER_LOST);
    }

    @ParameterizedTest
    @EnumSource
    void a_thousand_connections_one_after_another_leave_nothing(IoKind kind) throws IOException {
        ServerSocketChannel service = bridged.guestPort(219);
        Bridge bridge = bridged.start(kind);
        long before = descriptors();
        for (int i = 0; i < 1000; i++) {
            try (Peer host = Peer.connect(bridged.socket, 219);
                    Peer guest = Peer.accept(service)) {
                host.write("x");
                assertThat(guest.read(1)).isEqualTo("x");
            }
            bridged.ends.next();
        }
        assertThat(bridge.connections()).isZero();
        assertThat(descriptors()).isLessThanOrEqualTo(before + 8);
    }

    @ParameterizedTest
    @EnumSource
    void a_hundred_connections_at_once_do_not_mix(IoKind kind) throws IOException {
        ServerSocketChannel service = bridged.guestPort(219);
        Bridge bridge = bridged.start(kind);
        List<Peer> hosts = new ArrayList<>();
        List<Peer> guests = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            hosts.add(bridged.closing(Peer.connect(bridged.socket, 219)));
            guests.add(bridged.closing(Peer.accept(service)));
        }
        assertThat(bridge.connections()).isEqualTo(100);
        for (int i = 99; i >= 0; i--) {
            hosts.get(i).write("%04d".formatted(i));
            guests.get(99 - i).write("%04d".formatted(99 - i));
        }
        for (int i = 0; i < 100; i++) {
            assertThat(guests.get(i).read(4)).isEqualTo("%04d".formatted(i));
            assertThat(hosts.get(i).read(4)).isEqualTo("%04d".formatted(i));
        }
    }

    @ParameterizedTest
    @EnumSource
    void who_comes_over_the_limit_is_hung_up_on_and_the_others_stay(IoKind kind) throws IOException {
        ServerSocketChannel service = bridged.guestPort(219);
        bridged.start(kind, options -> options.withConnectionsMax(2));
        Peer first = bridged.closing(Peer.connect(bridged.socket, 219));
        Peer second = bridged.closing(Peer.connect(bridged.socket, 219));
        try (Peer third = Peer.dial(bridged.socket)) {
            assertThat(third.readToEnd()).isEmpty();
        }
        assertThat(bridged.ends.next().reason()).isEqualTo(CloseReason.LIMIT);
        Peer guest = bridged.closing(Peer.accept(service));
        first.write("still here");
        assertThat(guest.read(10)).isEqualTo("still here");
        first.end();
        guest.close();
        bridged.ends.next();
        bridged.closing(Peer.connect(bridged.socket, 219));
        second.close();
    }

    @ParameterizedTest
    @EnumSource
    void a_guest_reaches_the_hosts_port(IoKind kind) throws IOException {
        bridged.start(kind);
        try (ServerSocketChannel program = Peer.listen(folder.resolve("vm.sock_52"));
                Peer guest = Peer.connect(bridged.guestFolder.resolve("host"), 52);
                Peer host = Peer.accept(program)) {
            guest.write("hello host");
            assertThat(host.read(10)).isEqualTo("hello host");
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_guest_that_asks_for_a_port_nobody_has_is_hung_up_on(IoKind kind) throws IOException {
        bridged.start(kind);
        try (Peer guest = Peer.dial(bridged.guestFolder.resolve("host"))) {
            guest.write("CONNECT 52\n");
            assertThat(guest.readToEnd()).isEmpty();
        }
        Ends.End end = bridged.ends.next();
        assertThat(end.reason()).isEqualTo(CloseReason.CALLEE_REFUSED);
        assertThat(end.detail()).contains("vm.sock_52").contains("no such file");
    }

    @ParameterizedTest
    @EnumSource
    void closing_ends_everything_and_leaves_no_file_and_no_thread(IoKind kind) throws IOException {
        ServerSocketChannel service = bridged.guestPort(219);
        Bridge bridge = bridged.start(kind);
        Peer host = bridged.closing(Peer.connect(bridged.socket, 219));
        Peer guest = bridged.closing(Peer.accept(service));
        bridge.close();
        bridge.close();
        assertThat(host.readToEnd()).isEmpty();
        assertThat(guest.readToEnd()).isEmpty();
        assertThat(bridged.ends.next().reason()).isEqualTo(CloseReason.BRIDGE_CLOSED);
        assertThat(bridged.socket).doesNotExist();
        assertThat(bridged.guestFolder.resolve("host")).doesNotExist();
        assertThatThrownBy(() -> Peer.dial(bridged.socket)).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource
    void where_somebody_listens_no_bridge_starts_and_nothing_is_left(IoKind kind) throws IOException {
        ServerSocketChannel other = bridged.closing(Peer.listen(bridged.guestFolder.resolve("host")));
        assertThatThrownBy(() -> bridged.start(kind))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("found one that somebody listens on");
        assertThat(bridged.socket).doesNotExist();
        assertThat(other.isOpen()).isTrue();
    }

    @Test
    void more_connections_than_there_can_be_descriptors_are_refused_at_the_start() {
        assertThatThrownBy(() -> bridged.start(IoKind.best(), options -> options.withConnectionsMax(Integer.MAX_VALUE)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected room for 4294967358 descriptors");
        assertThat(bridged.socket).doesNotExist();
    }

    @ParameterizedTest
    @EnumSource
    void an_observer_that_throws_disturbs_nobody(IoKind kind) throws IOException {
        ServerSocketChannel service = bridged.guestPort(219);
        bridged.start(
                kind,
                options -> options.withObserver(new BridgeObserver() {
                    @Override
                    public void accepted(long id, Direction direction) {
                        throw new IllegalStateException("an observer's mistake");
                    }
                }));
        try (Peer host = Peer.connect(bridged.socket, 219);
                Peer guest = Peer.accept(service)) {
            host.write("x");
            assertThat(guest.read(1)).isEqualTo("x");
        }
    }

    private static long descriptors() throws IOException {
        try (var list = Files.list(Path.of("/proc/self/fd"))) {
            return list.count();
        }
    }
}
