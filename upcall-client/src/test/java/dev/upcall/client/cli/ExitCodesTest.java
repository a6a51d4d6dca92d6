package dev.upcall.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.client.ScriptedGuest;
import dev.upcall.client.ScriptedGuest.Script;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Every exit code over a real UNIX socket, and what is said with it.
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class ExitCodesTest {
    private static final Script SILENT = (_, _, _) -> {};

    @TempDir
    private Path folder;

    private final Shell shell = new Shell();

    private Path socket() {
        return folder.resolve("vm.sock");
    }

    private String target() {
        return "hvsock://" + socket();
    }

    private ScriptedGuest guest(Script script) throws IOException {
        return ScriptedGuest.behindHybrid(socket(), script);
    }

    private Shell.Ended run(String... words) {
        String[] all = new String[words.length + 2];
        all[0] = "-t";
        all[1] = target();
        System.arraycopy(words, 0, all, 2, words.length);
        return shell.run(all);
    }

    private static void says(Shell.Ended ended, int exit, String... parts) {
        assertThat(ended.err()).contains(parts).startsWith("upcall: ").hasLineCount(1);
        assertThat(ended.exit()).isEqualTo(exit);
    }

    @Test
    void a_guest_that_is_there_is_0_and_no_request_is_sent() throws Exception {
        try (var guest = guest(SILENT)) {
            assertThat(run("status").exit()).isZero();
            assertThat(run("ping", "-c", "3").out()).contains("seq=3", "3 of 3 answered");
            assertThat(guest.requests()).isEmpty();
        }
    }

    @Test
    void cpus_are_added_one_id_per_request_in_order() throws Exception {
        try (var guest = guest((c, h, _) -> c.reply(h.msgType(), 4, 0, 1))) {
            Shell.Ended ended = run("--present", "0,2", "cpu", "add", "2");
            assertThat(ended.exit()).isZero();
            assertThat(ended.out()).containsSubsequence("CPU 1 added", "CPU 3 added");
            assertThat(guest.requests()).hasSize(2);
        }
    }

    @Test
    void a_batch_is_one_request() throws Exception {
        try (var guest = guest((c, h, _) -> c.reply(h.msgType(), 4, 0, 2))) {
            assertThat(run("cpu", "add", "2", "--batch").out()).contains("CPUs 1, 2 added");
            assertThat(guest.requests()).hasSize(1);
        }
    }

    @Test
    void a_refusal_is_1_with_the_errno_its_meaning_and_what_was_done_before() throws Exception {
        try (var guest = guest((c, h, frame) -> {
            boolean second = frame.get(18) == 2;
            c.reply(h.msgType(), second ? 0 : 4, second ? -5 : 0, second ? 0 : 1);
        })) {
            Shell.Ended ended = run("cpu", "add", "3");
            says(ended, 1, "refused ADD_CPU 2", "EIO (-5)", "create it in the VMM first", "before that: CPU 1 added");
            assertThat(ended.out()).contains("CPU 1 added").doesNotContain("CPU 3");
            assertThat(guest.requests()).hasSize(2);
        }
    }

    @Test
    void no_socket_file_is_3() {
        says(run("status"), 3, "not connected to " + target(), "does not exist");
    }

    @Test
    void a_socket_that_nobody_listens_on_is_3() throws Exception {
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(socket()));
        }
        says(run("status"), 3, "nobody listens on it");
    }

    @Test
    void a_close_before_ok_is_3() throws Exception {
        try (var _ = peer(channel -> line(channel))) {
            says(run("status"), 3, "closed the connection before OK");
        }
    }

    @Test
    void a_port_without_the_service_is_3() throws Exception {
        try (var _ = peer(channel -> {
            line(channel);
            write(channel, "OK 219\n".getBytes(StandardCharsets.US_ASCII));
        })) {
            says(run("status"), 3, "closed before the CONNECT frame");
        }
    }

    @Test
    void the_dialect_of_2021_is_3_by_name() throws Exception {
        try (var _ = peer(channel -> {
            line(channel);
            write(channel, "OK 219\n".getBytes(StandardCharsets.US_ASCII));
            write(channel, frame(0xdbe0_0000));
            hold(channel);
        })) {
            says(run("status"), 3, "dialect of 2021");
        }
    }

    @Test
    void a_vmm_that_is_silent_until_the_time_out_is_3() throws Exception {
        try (var _ = peer(ExitCodesTest::hold)) {
            says(run("--timeout", "1s", "status"), 3, "no OK line came in time");
        }
    }

    @Test
    void waiting_goes_on_until_the_guest_is_there() throws Exception {
        CompletableFuture<Shell.Ended> waiting = shell.start("-t", target(), "-v", "--wait", "15s", "status");
        while (!shell.err().contains("Reconnecting") && !waiting.isDone()) {
            Thread.onSpinWait();
        }
        try (var _ = guest(SILENT)) {
            assertThat(waiting.join().exit()).isZero();
        }
    }

    @Test
    void waiting_in_vain_is_3_with_the_last_trouble() {
        says(run("--wait", "1s", "status"), 3, "does not exist");
    }

    @Test
    void a_request_whose_turn_never_came_is_4_and_the_guest_did_not_see_it() throws Exception {
        try (var guest = guest((c, h, _) -> c.reply(h.msgType(), 4, 0, 1))) {
            // An hour passes with each request.
            shell.ticking(() -> Duration.ofHours(guest.requests().size()).toNanos());
            says(run("--timeout", "1m", "cpu", "add", "2"), 4, "ADD_CPU 2 was not sent", "before that: CPU 1 added");
            assertThat(guest.requests()).hasSize(1);
        }
    }

    @Test
    void a_reply_that_does_not_come_is_5() throws Exception {
        try (var _ = guest(SILENT)) {
            says(run("--reply-timeout", "50ms", "cpu", "add", "1"), 5, "outcome unknown", "ADD_CPU 1");
        }
    }

    @Test
    void the_time_out_of_the_command_ends_a_request_too() throws Exception {
        try (var _ = guest(SILENT)) {
            says(run("--timeout", "1s", "pci", "add", "00:04.0"), 5, "outcome unknown", "ADD_PCI 00:04.0");
        }
    }

    @Test
    void a_connection_lost_in_the_middle_of_a_request_is_5() throws Exception {
        try (var guest = guest((c, _, _) -> c.close())) {
            says(run("mmio", "add", "--base", "0xd0000000", "--size", "4096", "--irq", "6"), 5, "outcome unknown");
            assertThat(guest.requests()).hasSize(1);
        }
    }

    @Test
    void ctrl_c_in_the_middle_of_a_request_is_5_and_says_what_is_known() throws Exception {
        CountDownLatch out = new CountDownLatch(1);
        try (var _ = guest((c, h, frame) -> {
            if (frame.get(18) == 1) {
                c.reply(h.msgType(), 4, 0, 1);
            } else {
                out.countDown();
            }
        })) {
            CompletableFuture<Shell.Ended> running = shell.start("-t", target(), "cpu", "add", "2");
            out.await();
            Shell.Ended ended = shell.interrupt();
            says(ended, 5, "interrupted while ADD_CPU 2 was out", "may still carry it out", "CPU 1 added");
            assertThat(running.join()).as("the signal had the last word").isEqualTo(ended);
        }
    }

    @Test
    void ctrl_c_before_a_request_is_out_is_130() throws Exception {
        CountDownLatch dialled = new CountDownLatch(1);
        try (var _ = peer(channel -> {
            line(channel);
            dialled.countDown();
            hold(channel);
        })) {
            CompletableFuture<Shell.Ended> running = shell.start("-t", target(), "cpu", "add", "1");
            dialled.await();
            Shell.Ended ended = shell.interrupt();
            says(ended, 130, "no request was out");
            assertThat(running.join()).as("the signal had the last word").isEqualTo(ended);
        }
    }

    @Test
    void after_ctrl_c_has_said_that_no_request_was_out_nothing_leaves_any_more() throws Exception {
        CountDownLatch dialled = new CountDownLatch(1);
        CompletableFuture<Void> said = new CompletableFuture<>();
        CompletableFuture<Boolean> more = new CompletableFuture<>();
        try (var _ = peer(channel -> {
            line(channel);
            dialled.countDown();
            said.join();
            try {
                // The guest is ready a moment too late: a client that lives would choose the service now.
                write(channel, "OK 1\n".getBytes(StandardCharsets.US_ASCII));
                more.complete(channel.read(ByteBuffer.allocate(1)) > 0);
            } catch (IOException e) {
                more.complete(false);
            }
        })) {
            CompletableFuture<Shell.Ended> running = shell.start("-t", target(), "cpu", "add", "1");
            dialled.await();
            says(shell.interrupt(), 130, "no request was out");
            said.complete(null);
            assertThat(more.join()).isFalse();
            assertThat(running.join().exit()).isEqualTo(130);
        }
    }

    @Test
    void what_would_harm_the_guest_is_6_and_not_even_dialled() throws Exception {
        try (var guest = guest(SILENT)) {
            says(run("--present", "0", "cpu", "del", "--apic-id", "2"), 6, "DEL_CPU 2", "crashes", "--force-unsafe");
            says(run("--extensions", "off", "cpu", "del", "--apic-id", "2"), 6, "DEL_CPU 2", "crashes the guest");
            says(run("--present", "0-3", "cpu", "del", "--apic-id", "1"), 6, "hide");
            says(run("--vsock-pci", "00:02.0", "pci", "del", "00:02.0"), 6, "this connection runs over");
            says(
                    run(
                            "--vsock-mmio",
                            "0xd0000000,0x1000,5",
                            "mmio",
                            "del",
                            "--base",
                            "0xd0000000",
                            "--size",
                            "0x1000",
                            "--irq",
                            "5"),
                    6,
                    "this connection runs over");
            says(run("--kernel", "kata-arm64", "--present", "0", "cpu", "add", "1"), 6, "say how many are possible");
            says(run("--kernel", "kata-arm64", "cpu", "del", "--apic-id", "1"), 2, "told how many");
            assertThat(guest.connections()).isZero();
        }
    }

    /// Only the handshake can tell whether the guest says itself which CPUs it has.
    @Test
    void what_would_harm_a_stock_guest_is_6_once_it_could_not_say_which_cpus_it_has() throws Exception {
        try (var guest = guest(SILENT)) {
            says(
                    run("cpu", "del", "--apic-id", "2"),
                    6,
                    "DEL_CPU 2",
                    "crashes the guest",
                    "is a stock one",
                    "--present");
            says(run("cpu", "del", "--apic-id", "2", "--batch"), 6, "DEL_CPU 2", "is a stock one");
            says(run("--kernel", "kata-arm64", "cpu", "add", "1"), 6, "say how many are possible", "is a stock one");
            assertThat(run("cpu", "set", "1").out()).contains("1 CPU already", "without --present", "nothing was sent");
            assertThat(guest.connections()).isEqualTo(4);
            assertThat(guest.requests()).as("but for the handshake").isEmpty();
        }
    }

    @Test
    void force_unsafe_sends_it_all_the_same() throws Exception {
        try (var guest = guest((c, h, _) -> c.reply(h.msgType(), 4, 0, 1))) {
            assertThat(run("--force-unsafe", "cpu", "del", "--apic-id", "2").exit())
                    .isZero();
            assertThat(guest.requests()).hasSize(1);
        }
    }

    @Test
    void a_reply_that_is_none_is_7() throws Exception {
        try (var _ = guest((c, h, _) -> c.reply(h.msgType() + 1, 0, 0, 0))) {
            says(run("pci", "add", "00:04.0"), 7, "broke the protocol", "msg_type 8, expected 7");
        }
    }

    @Test
    void an_ok_line_that_is_none_is_7_with_its_text_escaped() throws Exception {
        try (var _ = peer(channel -> {
            line(channel);
            write(channel, "NO\u001b[31m\n".getBytes(StandardCharsets.US_ASCII));
            hold(channel);
        })) {
            says(run("status"), 7, "NO\\x1b[31m");
        }
    }

    @Test
    void a_bug_of_ours_is_70() {
        Shell broken = new Shell().ticking(() -> {
            throw new IllegalStateException("no clock today");
        });
        says(broken.run("-t", target(), "status"), 70, "a bug of this program", "no clock today");
    }

    @Test
    void arm64_cpus_are_added_and_removed_by_count() throws Exception {
        try (var guest = guest((c, h, _) -> c.reply(h.msgType(), 4, 0, 1))) {
            Shell.Ended ended = run("--kernel", "kata-arm64", "--possible-cpus", "4", "cpu", "add", "2", "--batch");
            assertThat(ended.out()).contains("2 CPUs added");
            assertThat(run("--kernel", "kata-arm64", "--present", "0-2", "cpu", "del", "1")
                            .out())
                    .contains("1 CPU removed");
            assertThat(guest.requests()).hasSize(2);
        }
    }

    private interface Play {
        void with(SocketChannel channel) throws IOException;
    }

    /// A listener that does with each connection what the test says, and then closes it.
    private ServerSocketChannel peer(Play play) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        Files.deleteIfExists(socket());
        server.bind(UnixDomainSocketAddress.of(socket()));
        Thread.ofVirtual().start(() -> {
            while (server.isOpen()) {
                try (SocketChannel channel = server.accept()) {
                    play.with(channel);
                } catch (IOException _) {
                    // the client went, or the test has ended
                }
            }
        });
        return server;
    }

    private static void line(SocketChannel channel) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        while (channel.read(one) > 0 && one.get(0) != '\n') {
            one.clear();
        }
    }

    /// Until the other side goes.
    private static void hold(SocketChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(64);
        while (channel.read(bytes) >= 0) {
            bytes.clear();
        }
    }

    private static byte[] frame(int type) {
        ByteBuffer frame = ByteBuffer.allocate(1024).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        return frame.putInt(0, 0x444D_0100).putInt(8, type).array();
    }

    private static void write(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}
