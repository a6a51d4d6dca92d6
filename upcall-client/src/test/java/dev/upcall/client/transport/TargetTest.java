package dev.upcall.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {
    @Test
    void a_hybrid_socket_with_and_without_a_port() {
        assertThat(Target.parse("hvsock:///run/vm.sock")).isEqualTo(new HybridTarget(Path.of("/run/vm.sock"), 219));
        assertThat(Target.parse("hvsock:///run/vm.sock:1024"))
                .isEqualTo(new HybridTarget(Path.of("/run/vm.sock"), 1024));
    }

    @Test
    void the_text_behind_the_last_colon_is_the_port() {
        assertThat(Target.parse("hvsock:///run/a:b:219")).isEqualTo(new HybridTarget(Path.of("/run/a:b"), 219));
        assertThat(Target.parse("hvsock:///run/a:7/vm.sock"))
                .isEqualTo(new HybridTarget(Path.of("/run/a:7/vm.sock"), 219));
    }

    @Test
    void a_unix_socket_has_no_port() {
        assertThat(Target.parse("unix:///run/guest:219")).isEqualTo(new UnixTarget(Path.of("/run/guest:219")));
    }

    @Test
    void a_guest_by_its_cid() {
        assertThat(Target.parse("vsock://3")).isEqualTo(new VsockTarget(3, 219));
        assertThat(Target.parse("vsock://4294967294:1")).isEqualTo(new VsockTarget(4294967294L, 1));
        assertThat(Target.parse("vsock://1")).isEqualTo(new VsockTarget(VsockTarget.CID_LOCAL, 219));
    }

    @Test
    void any_cid_only_to_listen() {
        assertThat(Target.parseListener("vsock://any:219")).isEqualTo(new VsockTarget(VsockTarget.CID_ANY, 219));
        assertThatThrownBy(() -> Target.parse("vsock://any"))
                .hasMessage("expected vsock://CID[:port], found \"vsock://any\": \"any\" is for listeners; name the"
                        + " guest's CID");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hvsock:///run/vm.sock",
                "hvsock:///run/vm.sock:1",
                "hvsock:///run/a:b:219",
                "hvsock:///run/a:b:1",
                "unix:///run/x",
                "vsock://3",
                "vsock://3:4294967294",
                "vsock://any:7"
            })
    void is_written_as_it_is_read(String uri) {
        assertThat(Target.parseListener(uri)).hasToString(uri);
        assertThat(Target.parseListener(Target.parseListener(uri).toString())).isEqualTo(Target.parseListener(uri));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hvsock://run/vm.sock    | write three slashes",
                "unix://run/vm.sock      | write three slashes",
                "unix:run/vm.sock        | behind unix:// or hvsock://",
                "/run/vm.sock            | behind unix:// or hvsock://",
                "hvsock:///run/           | name the socket's file",
                "hvsock:///               | name the socket's file",
                "hvsock:///run/vm.sock:   | a decimal port",
                "hvsock:///run/vm.sock:x  | a decimal port",
                "hvsock:///run/vm.sock:-1 | a decimal port",
                "hvsock:///run/a:b        | add :219 when the ':' belongs to the file's name",
                "hvsock:///run/vm:4294967295 | a decimal port of 0 to 4294967294",
                "vsock://0                | take the one the VMM gave the guest",
                "vsock://2:219            | take the one the VMM gave the guest",
                "vsock://4294967295       | take the one the VMM gave the guest",
                "vsock://                 | take the one the VMM gave the guest",
                "vsock://three            | take the one the VMM gave the guest",
                "vsock://3:219:1          | a decimal port",
                "tcp://host:1             | start with one of the three",
                "''                       | start with one of the three",
            })
    void what_is_malformed_is_quoted_with_what_to_do(String uri, String remedy) {
        assertThatThrownBy(() -> Target.parse(uri))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("expected ")
                .hasMessageContaining("found \"" + uri + "\"")
                .hasMessageContaining(remedy);
    }

    @Test
    void control_characters_are_shown_and_never_sent_to_a_terminal() {
        assertThatThrownBy(() -> Target.parse("hvsock:///run/\u001b[2Jvm"))
                .hasMessage("expected a path without control characters, found \"/run/\\x1b[2Jvm\": rename the file");
        assertThatThrownBy(() -> Target.parse("unix:///run/a\0b")).hasMessageContaining("\\x00");
    }

    @Test
    void a_path_the_kernel_cannot_hold_is_refused_before_it_is_tried() {
        assertThat(Target.parse("unix:///" + "x".repeat(106))).isInstanceOf(UnixTarget.class);
        assertThatThrownBy(() -> Target.parse("unix:///" + "x".repeat(107)))
                .hasMessageContaining("at most 107 bytes")
                .hasMessageContaining("it has 108");
    }

    @Test
    void records_are_valid_by_construction() {
        assertThatThrownBy(() -> new UnixTarget(Path.of("relative"))).hasMessageContaining("found \"relative\"");
        assertThatThrownBy(() -> new HybridTarget(Path.of("/run/vm.sock"), -1)).hasMessageContaining("-1");
        assertThatThrownBy(() -> new VsockTarget(2, 219)).hasMessageContaining("found 2");
    }

    @Test
    void only_socket_files_can_be_watched() {
        assertThat(Target.parse("unix:///run/x").socketFile()).contains(Path.of("/run/x"));
        assertThat(Target.parse("vsock://3").socketFile()).isEmpty();
    }
}
