package dev.upcall.stub.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.stub.StubGuest;
import dev.upcall.stub.StubOptions;
import dev.upcall.stub.machine.MachineConfig;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class ControlTest {
    @TempDir
    private Path folder = Path.of("");

    private @Nullable StubGuest guest;

    @BeforeEach
    void boot() throws IOException {
        guest = StubGuest.start(StubOptions.of(MachineConfig.of(GuestProfile.KATA_6_12, 4)
                        .withBootCpus(0, 1)
                        .withVcpus(0, 1))
                .withControl(socket()));
    }

    @AfterEach
    void end() throws IOException {
        if (guest != null) {
            guest.close();
        }
        assertThat(socket()).doesNotExist();
    }

    @Test
    void a_dump_shows_the_machine() throws IOException {
        JsonNode dump = new ObjectMapper().readTree(ask("dump"));
        assertThat(dump.get("ok").asBoolean()).isTrue();
        assertThat(dump.get("kernel").asText()).isEqualTo("kata-6.12");
        assertThat(dump.get("cpus").toString())
                .isEqualTo("{\"possible\":[0,1,2,3],\"present\":[0,1],\"online\":[0,1],\"inUse\":[0,1]}");
        assertThat(dump.get("slots")).hasSize(4);
        assertThat(dump.get("lock").toString()).isEqualTo("{\"lost\":false,\"held\":false,\"waiters\":0}");
        assertThat(dump.get("vcpus").toString()).isEqualTo("[0,1]");
        assertThat(dump.get("connections")).isEmpty();
    }

    @Test
    void vcpus_and_functions_appear_and_vanish() throws IOException {
        assertThat(ask("vcpu add 2-3")).isEqualTo("{\"ok\":true}");
        assertThat(ask("vcpu remove 2")).isEqualTo("{\"ok\":true}");
        assertThat(ask("pci add 00:04.0,00:05.0")).isEqualTo("{\"ok\":true}");
        assertThat(ask("pci remove 00:05.0")).isEqualTo("{\"ok\":true}");
        assertThat(ask("dump")).contains("\"vcpus\":[0,1,3]", "\"inVmm\":[\"00:04.0\"]", "\"known\":[]");
    }

    @Test
    void the_guest_takes_its_cpus_offline_and_back() throws IOException {
        assertThat(ask("cpu offline 1")).isEqualTo("{\"ok\":true}");
        assertThat(ask("dump")).contains("\"online\":[0]");
        assertThat(ask("cpu online 1")).isEqualTo("{\"ok\":true}");
        assertThat(ask("cpu offline 0")).isEqualTo("{\"ok\":false,\"error\":\"CPU 0 has no online file\"}");
        assertThat(ask("cpu offline 2")).isEqualTo("{\"ok\":false,\"error\":\"the guest has no CPU 2\"}");
    }

    @Test
    void moods_come_and_go() throws IOException {
        assertThat(ask("mood delay 500ms add-cpu")).isEqualTo("{\"ok\":true}");
        assertThat(ask("mood silent")).isEqualTo("{\"ok\":true}");
        assertThat(ask("dump")).contains("\"moods\":[\"delay 500ms add-cpu\",\"silent\"]");
        assertThat(ask("mood clear")).isEqualTo("{\"ok\":true}");
        assertThat(ask("dump")).contains("\"moods\":[]");
    }

    @Test
    void a_reboot_counts() throws IOException {
        assertThat(ask("reboot")).isEqualTo("{\"ok\":true}");
        assertThat(ask("dump")).contains("\"boots\":2");
    }

    @Test
    void a_stock_guest_has_nothing_to_say_and_no_agent_to_restart() throws IOException {
        assertThat(ask("event hello")).contains("\"ok\":false", "--extensions");
        assertThat(ask("restart")).contains("\"ok\":false", "--extensions");
        assertThat(ask("restart orderly")).contains("\"ok\":false", "--extensions");
        assertThat(ask("dump")).contains("\"executions\":[]").doesNotContain("\"extensions\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "dump all",
                "reboot now",
                "mood",
                "mood grumpy",
                "mood cut",
                "mood cut 1024",
                "mood silent x",
                "mood delay",
                "mood delay 1s sing",
                "mood delay 1s add-cpu x",
                "mood split 0",
                "vcpu",
                "vcpu add",
                "vcpu plug 1",
                "vcpu add x",
                "vcpu add 1 2",
                "pci add",
                "pci add 4",
                "cpu offline",
                "cpu offline x",
                "cpu 1 offline",
                "mood clear all"
            })
    void anything_else_is_refused_in_a_sentence(String line) throws IOException {
        String before = ask("dump");
        JsonNode answer = new ObjectMapper().readTree(ask(line));
        assertThat(answer.get("ok").asBoolean()).isFalse();
        assertThat(answer.get("error").asText()).isNotBlank();
        assertThat(ask("dump")).isEqualTo(before);
    }

    @Test
    void control_characters_come_back_escaped() throws IOException {
        assertThat(ask("h\u0007\"llo")).contains("h\\\\x07\\\\\\\"llo");
    }

    @Test
    void a_line_that_does_not_end_ends_the_connection() throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
            ByteBuffer line = ByteBuffer.allocate(LineChannel.COMMAND_BYTES_MAX + 1);
            while (line.hasRemaining()) {
                channel.write(line);
            }
            assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        }
    }

    @Test
    void the_socket_is_its_owner_s_alone() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())))
                .isEqualTo("rw-------");
    }

    @Test
    void a_stub_that_is_not_there_is_said_so() {
        assertThatIOException()
                .isThrownBy(() -> ControlClient.ask(folder.resolve("none"), "dump"))
                .withMessageContaining("cannot ask the stub at");
    }

    private String ask(String line) throws IOException {
        return ControlClient.ask(socket(), line);
    }

    private Path socket() {
        return folder.resolve("ctl");
    }
}
