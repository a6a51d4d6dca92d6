package dev.upcall.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.e2e.vm.GuestPorts;
import dev.upcall.e2e.vm.GuestVm;
import dev.upcall.e2e.vm.HybridStream;
import dev.upcall.e2e.vm.Machine;
import dev.upcall.e2e.vm.Pattern;
import dev.upcall.proto.vsock.VsockRules;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Streams between programs of the host and ports of a real Linux guest, through `upcall bridge --vhost-user`. One VM
/// for all of it: whatever one test did to the device, the next one must find it well.
@Timeout(240)
class VmStreamsStory {
    @RegisterExtension
    static final VmStage STAGE = VmStage.with(Machine.serving("guest-ports"));

    /// 64 MiB.
    private static final int BLOCKS = 1024;

    private static final long HOST_PORT = 5000;

    private GuestVm vm;

    @BeforeEach
    void the_guests_ports_are_there() {
        vm = STAGE.vm();
        vm.awaitConsole("the guest's ports", vm.boots(), GuestPorts.READY);
    }

    private static HybridStream open(long port) throws IOException {
        return HybridStream.open(STAGE.socket(), port);
    }

    /// Says something and hears it: the stream is a stream, and the guest's program has accepted it.
    private static void assertEchoes(HybridStream stream, String word) throws IOException {
        stream.write(word);
        assertThat(stream.read(word.length())).isEqualTo(word);
    }

    private static void assertDeviceIsWell() throws IOException {
        try (HybridStream stream = open(GuestPorts.ECHO)) {
            assertEchoes(stream, "well?");
        }
    }

    @Test
    void a_thousand_callers_come_one_after_the_other() throws IOException {
        for (int i = 0; i < 1000; i++) {
            try (HybridStream stream = open(GuestPorts.ECHO)) {
                assertEchoes(stream, "caller " + i);
                if (i % 2 == 0) {
                    stream.endOutput();
                    assertThat(stream.readToTheEnd()).isEmpty();
                }
            }
        }
    }

    @Test
    void a_hundred_callers_come_at_once() throws IOException {
        assertAHundredAtOnce();
    }

    private static void assertAHundredAtOnce() throws IOException {
        List<HybridStream> streams = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                streams.add(HybridStream.ask(STAGE.socket(), GuestPorts.ECHO));
            }
            for (HybridStream stream : streams) {
                assertThat(stream.isAccepted()).isTrue();
            }
            for (int i = 0; i < 100; i++) {
                streams.get(i).write("caller " + i + "\n");
            }
            for (int i = 0; i < 100; i++) {
                assertThat(streams.get(i).readLine()).isEqualTo("caller " + i);
            }
        } finally {
            closeAll(streams);
        }
    }

    @Test
    void as_many_streams_as_a_device_has_and_one_more() throws IOException {
        List<HybridStream> streams = new ArrayList<>();
        try {
            for (int i = 0; i < VsockRules.STREAMS_MAX; i++) {
                HybridStream stream = open(GuestPorts.ECHO);
                streams.add(stream);
                assertEchoes(stream, "caller " + i);
            }
            try (HybridStream oneMore = HybridStream.ask(STAGE.socket(), GuestPorts.ECHO)) {
                assertThat(oneMore.isAccepted()).isFalse();
            }
            for (HybridStream stream : streams) {
                assertEchoes(stream, "still there?");
            }
            HybridStream leaving = streams.getLast();
            leaving.endOutput();
            assertThat(leaving.readToTheEnd()).isEmpty();
            leaving.close();
        } finally {
            closeAll(streams);
        }
        STAGE.awaitStreamsGone();
        assertAHundredAtOnce();
    }

    private static void closeAll(List<HybridStream> streams) throws IOException {
        for (HybridStream stream : streams) {
            stream.close();
        }
    }

    @Test
    void sixty_four_mebibytes_reach_the_guest_unchanged() throws IOException {
        try (HybridStream stream = open(GuestPorts.SINK)) {
            Pattern pattern = new Pattern();
            for (int i = 0; i < BLOCKS; i++) {
                stream.write(pattern.next());
            }
            stream.endOutput();
            assertThat(stream.readLine()).isEqualTo(Pattern.digestOf(BLOCKS));
        }
    }

    @Test
    void sixty_four_mebibytes_come_from_the_guest_unchanged() throws IOException {
        try (HybridStream stream = open(GuestPorts.SOURCE)) {
            stream.write(BLOCKS + "\n");
            assertThat(digestOfBlocks(stream)).isEqualTo(Pattern.digestOf(BLOCKS));
            assertThat(stream.readToTheEnd()).isEmpty();
        }
    }

    @Test
    void sixty_four_mebibytes_go_there_and_back_at_the_same_time() throws Exception {
        try (HybridStream stream = open(GuestPorts.ECHO)) {
            FutureTask<String> reading = new FutureTask<>(() -> digestOfBlocks(stream));
            Thread.ofPlatform().daemon().start(reading);
            Pattern pattern = new Pattern();
            for (int i = 0; i < BLOCKS; i++) {
                stream.write(pattern.next());
            }
            assertThat(reading.get()).isEqualTo(Pattern.digestOf(BLOCKS));
            stream.endOutput();
            assertThat(stream.readToTheEnd()).isEmpty();
        }
    }

    private static String digestOfBlocks(HybridStream stream) throws IOException {
        MessageDigest digest = Pattern.digest();
        ByteBuffer block = ByteBuffer.allocate(Pattern.BLOCK_BYTES);
        for (int i = 0; i < BLOCKS; i++) {
            stream.readFully(block.clear());
            digest.update(block.flip());
        }
        return Pattern.hex(digest);
    }

    @Test
    void a_host_that_ends_its_direction_first_still_hears_the_guest() throws IOException {
        try (HybridStream stream = open(GuestPorts.SINK)) {
            stream.endOutput();
            assertThat(stream.readLine()).as("SHA-256 of nothing").isEqualTo(Pattern.digestOf(0));
            assertThat(stream.readToTheEnd()).isEmpty();
        }
    }

    @Test
    void a_guest_that_ends_its_direction_first_still_hears_the_host() throws IOException {
        try (HybridStream stream = open(GuestPorts.PARTING)) {
            assertThat(stream.readToTheEnd()).isEqualTo("bye\n");
            stream.write("and one more thing");
            stream.endOutput();
            vm.awaitConsole("the guest to have heard it", 1, GuestPorts.partedAfter(18));
        }
    }

    @Test
    void a_port_nobody_listens_on_is_closed_without_a_word() throws IOException {
        try (HybridStream stream = HybridStream.ask(STAGE.socket(), GuestPorts.NOBODY)) {
            assertThat(stream.isAccepted()).isFalse();
        }
    }

    @Test
    void callers_who_leave_before_ok_harm_nobody() throws IOException {
        for (int i = 0; i < 100; i++) {
            HybridStream.ask(STAGE.socket(), GuestPorts.ECHO).close();
            HybridStream.ask(STAGE.socket(), GuestPorts.NOBODY).close();
        }
        assertDeviceIsWell();
    }

    @Test
    void a_guest_reaches_a_program_of_the_host() throws IOException {
        Path path = hostPort();
        try (ServerSocketChannel program = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                HybridStream dialler = open(GuestPorts.DIALLER)) {
            program.bind(UnixDomainSocketAddress.of(path));
            dialler.write(HOST_PORT + " hello from the guest\n");

            try (SocketChannel accepted = program.accept()) {
                ByteBuffer heard = ByteBuffer.allocate(100);
                while (accepted.read(heard) >= 0) {
                    assertThat(heard.hasRemaining()).isTrue();
                }
                assertThat(new String(heard.array(), 0, heard.position(), StandardCharsets.UTF_8))
                        .isEqualTo("hello from the guest\n");
                accepted.write(ByteBuffer.wrap("hello guest\n".getBytes(StandardCharsets.UTF_8)));
            }
            assertThat(dialler.readLine()).endsWith(" ms, heard hello guest");
        } finally {
            Files.deleteIfExists(path);
        }
    }

    @Test
    void a_guest_that_dials_nobody_is_refused_at_once() throws IOException {
        try (HybridStream dialler = open(GuestPorts.DIALLER)) {
            dialler.write(HOST_PORT + " is anybody there?\n");
            String result = dialler.readLine();
            assertThat(result).contains("ECONNRESET");
            // Without an answer a Linux guest waits for 2 s.
            assertThat(Integer.parseInt(result.substring(0, result.indexOf(' '))))
                    .isLessThan(1500);
        }
    }

    private static Path hostPort() {
        return Path.of(STAGE.socket() + "_" + HOST_PORT);
    }

    @Test
    void a_stream_outlives_a_pause_and_what_was_said_meanwhile_arrives() throws IOException {
        try (HybridStream stream = open(GuestPorts.ECHO)) {
            for (int i = 0; i < 20; i++) {
                vm.pause();
                stream.write("pause " + i + "\n");
                assertThat(stream.isSilent()).isTrue();
                vm.unpause();
                assertThat(stream.readLine()).isEqualTo("pause " + i);
            }
        }
    }

    @Test
    void a_transfer_goes_on_after_a_pause() throws IOException {
        try (HybridStream stream = open(GuestPorts.SOURCE)) {
            stream.write(BLOCKS + "\n");
            MessageDigest digest = Pattern.digest();
            ByteBuffer block = ByteBuffer.allocate(Pattern.BLOCK_BYTES);
            for (int i = 0; i < BLOCKS; i++) {
                stream.readFully(block.clear());
                digest.update(block.flip());
                if (i % 256 == 128) {
                    vm.pause();
                    vm.unpause();
                }
            }
            assertThat(Pattern.hex(digest)).isEqualTo(Pattern.digestOf(BLOCKS));
        }
    }

    @Test
    void who_comes_during_a_pause_is_served_after_it() throws IOException {
        vm.pause();
        try (HybridStream stream = HybridStream.ask(STAGE.socket(), GuestPorts.ECHO)) {
            assertThat(stream.isSilent()).isTrue();
            vm.unpause();
            assertThat(stream.isAccepted()).isTrue();
            assertEchoes(stream, "after the pause");
        }
    }

    @Test
    void who_comes_during_a_long_pause_is_sent_away_and_the_guest_never_hears_of_it() throws IOException {
        vm.pause();
        try (HybridStream stream = HybridStream.ask(STAGE.socket(), GuestPorts.ECHO)) {
            assertThat(stream.isAccepted()).isFalse();
        } finally {
            vm.unpause();
        }
        assertDeviceIsWell();
    }
}
