package dev.upcall.stub.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.stub.StubGuest;
import dev.upcall.stub.StubOptions;
import dev.upcall.stub.machine.MachineConfig;
import dev.upcall.stub.mood.Mood;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class SocketListenerTest {
    @TempDir
    private Path folder = Path.of("");

    private final StubOptions options =
            StubOptions.of(MachineConfig.of(GuestProfile.KATA_6_12, 200).withVcpuStartTimeoutNanos(50_000_000));

    @Test
    void a_unix_socket_is_the_port_itself() throws IOException {
        try (StubGuest guest = listening("unix://" + socket());
                SocketPeer peer = SocketPeer.dial(socket())) {
            assertThat(guest.listening()).containsExactly("unix://" + socket());
            peer.write("d");
            assertThat(peer.frame()).isEqualTo("0 0");
            peer.request(1, 258, (byte) 1, (byte) 0x14, (byte) 3);
            assertThat(peer.frame()).isEqualTo("1 0");
            assertThat(guest.dump().machine().cpus().get(3).online()).isTrue();
        }
    }

    @Test
    void a_hybrid_socket_wants_its_line_first() throws IOException {
        try (StubGuest guest = listening("hvsock://" + socket());
                SocketPeer peer = SocketPeer.dial(socket());
                SocketPeer lost = SocketPeer.dial(socket())) {
            assertThat(guest.listening()).hasSize(1);
            peer.write("CONN").write("ECT 219\n");
            assertThat(peer.bytes(8)).asString().isEqualTo("OK 1025\n");
            peer.write("d");
            assertThat(peer.frame()).isEqualTo("0 0");
            lost.write("CONNECT 220\n");
            assertThat(lost.bytesToTheEnd()).isZero();
        }
    }

    @Test
    void another_port_may_be_the_guest_s() throws IOException {
        try (StubGuest guest = listening("hvsock://" + socket() + ":1000");
                SocketPeer peer = SocketPeer.dial(socket())) {
            assertThat(guest.listening()).containsExactly("hvsock://" + socket() + ":1000");
            peer.write("CONNECT 1000\n");
            assertThat(peer.bytes(3)).asString().isEqualTo("OK ");
        }
    }

    @Test
    void a_frame_in_two_writes_is_two_requests() throws IOException {
        try (StubGuest guest = listening("unix://" + socket());
                SocketPeer peer = SocketPeer.connect(socket())) {
            byte[] half = new byte[512];
            half[0] = 1;
            peer.write(half);
            assertThat(peer.frame()).isEqualTo("0 0");
            peer.write(half);
            assertThat(peer.frame()).isEqualTo("0 0");
            assertThat(guest.dump().requests()).isEqualTo(2);
        }
    }

    @Test
    void forty_at_once_are_all_served() throws Exception {
        try (StubGuest guest = listening("hvsock://" + socket());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<String>> all = new ArrayList<>();
            for (int i = 1; i <= 40; i++) {
                byte id = (byte) i;
                all.add(() -> {
                    try (SocketPeer peer = SocketPeer.dial(socket())) {
                        peer.write("CONNECT 219\n").bytes(8);
                        peer.write("d").frame();
                        return peer.request(1, 258, (byte) 1, (byte) 0x14, id).frame();
                    }
                });
            }
            for (Future<String> answer : threads.invokeAll(all)) {
                assertThat(answer.get()).isEqualTo("1 0");
            }
            assertThat(guest.dump().machine().cpus().stream().filter(c -> c.online()))
                    .hasSize(41);
        }
    }

    @Test
    void what_needs_the_lock_waits_for_it_in_real_time_too() throws IOException {
        try (StubGuest guest = listening("unix://" + socket());
                SocketPeer first = SocketPeer.connect(socket());
                SocketPeer second = SocketPeer.connect(socket())) {
            guest.removeVcpus(5);
            first.request(1, 258, (byte) 1, (byte) 0x14, (byte) 5);
            second.request(1, 258, (byte) 1, (byte) 0x14, (byte) 6);
            assertThat(first.frame()).isEqualTo("1 -5");
            assertThat(second.frame()).isEqualTo("1 0");
        }
    }

    @Test
    void a_reset_is_seen_as_one() throws IOException {
        try (StubGuest guest = listening("unix://" + socket())) {
            guest.become(new Mood.ResetNextRequest());
            try (SocketPeer peer = SocketPeer.connect(socket())) {
                peer.request(1, 258, (byte) 1, (byte) 0x14, (byte) 5);
                assertThatIOException().isThrownBy(() -> peer.bytes(1)).withMessageContaining("reset");
            }
        }
    }

    @Test
    void a_reboot_ends_connections_that_wait_for_nothing() throws IOException {
        try (StubGuest guest = listening("unix://" + socket());
                SocketPeer peer = SocketPeer.connect(socket())) {
            guest.reboot();
            assertThat(peer.bytesToTheEnd()).isZero();
            try (SocketPeer again = SocketPeer.connect(socket())) {
                assertThat(again.request(3, 0).frame()).isEqualTo("3 -1");
            }
        }
    }

    @Test
    void the_socket_is_its_owner_s_alone_and_gone_at_the_end() throws IOException {
        try (StubGuest guest = listening("unix://" + socket())) {
            assertThat(guest.listening()).hasSize(1);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())))
                    .isEqualTo("rw-------");
            try (var files = Files.list(folder)) {
                assertThat(files).containsExactly(socket());
            }
        }
        assertThat(socket()).doesNotExist();
    }

    @Test
    void a_stale_socket_is_replaced() throws IOException {
        listening("unix://" + socket()).close();
        Path saved = folder.resolve("saved");
        try (StubGuest guest = listening("unix://" + socket())) {
            Files.createLink(saved, socket());
            assertThat(guest.listening()).hasSize(1);
        }
        Files.move(saved, socket());
        try (StubGuest guest = listening("unix://" + socket());
                SocketPeer peer = SocketPeer.connect(socket())) {
            assertThat(guest.dump().connections()).hasSize(1);
            assertThat(peer.request(4, 0).frame()).isEqualTo("4 -1");
        }
    }

    @Test
    void a_socket_in_use_is_not_taken() throws IOException {
        try (StubGuest guest = listening("unix://" + socket())) {
            assertThatIOException()
                    .isThrownBy(() -> listening("unix://" + socket()))
                    .withMessageContaining("somebody listens there");
            assertThat(guest.dump().connectionsOpened()).isZero();
        }
    }

    @Test
    void a_file_that_is_no_socket_stays() throws IOException {
        Files.writeString(socket(), "precious");
        assertThatIOException()
                .isThrownBy(() -> listening("unix://" + socket()))
                .withMessageContaining("no socket is there");
        assertThat(socket()).hasContent("precious");
    }

    @Test
    void a_path_longer_than_107_bytes_is_refused_in_a_sentence() {
        String path = folder + "/" + "x".repeat(108);
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> listening("unix://" + path))
                .withMessageContaining("107 bytes");
    }

    @Test
    void a_folder_that_is_missing_is_named() {
        assertThatIOException()
                .isThrownBy(() -> listening("unix://" + folder + "/none/s"))
                .withMessageContaining("cannot listen on " + folder + "/none/s: there is no such folder");
    }

    private StubGuest listening(String target) throws IOException {
        return StubGuest.start(options.withListen(target));
    }

    private Path socket() {
        return folder.resolve("vm.sock");
    }
}
