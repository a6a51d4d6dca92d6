package dev.upcall.stub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.stub.StubGuest;
import dev.upcall.stub.StubOptions;
import dev.upcall.stub.machine.MachineConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class GuestStubTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void help_has_options_moods_and_examples() {
        Program help = Program.run("--help");
        assertThat(help.exit()).isZero();
        assertThat(help.out())
                .contains(
                        "--listen",
                        "--kernel",
                        "--mmio-devices",
                        "kata-arm64",
                        "old-dialect",
                        "black-hole",
                        "--[no-]extensions",
                        "extended",
                        "--machine=WHICH",
                        "--dry-run",
                        "upcall guest-stub control")
                .contains("Exit codes");
        assertThat(Program.run("control", "--help").out())
                .contains("vcpu add|remove", "event TEXT", "restart [orderly]", "dump");
        assertThat(Program.run("--version").out()).startsWith("guest-stub ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --kernel          | linux             | "linux"
                    --possible-cpus   | 0                 | "0"
                    --possible-cpus   | 256               | "256"
                    --possible-cpus   | many              | "many"
                    --cpu-table       | 0;1               | "0;1"
                    --boot-cpus       | 9                 | [9]
                    --vcpus           | 0-                | "0-"
                    --pci             | 4                 | "4"
                    --vsock-pci       | x                 | "x"
                    --mmio-devices    | 0xd0000000        | "0xd0000000"
                    --vcpu-start-timeout | 10             | "10"
                    --mood            | sad               | "sad"
                    --machine         | windows           | "windows"
                    --listen          | tcp://x           | "tcp://x"
                    --listen          | unix://relative   | "unix://relative"
                    """)
    void a_malformed_value_is_quoted_in_one_sentence(String option, String value, String quoted) {
        Program program = Program.run("--listen", "unix://" + folder + "/s", option, value);
        assertThat(program.exit()).isEqualTo(2);
        assertThat(program.err()).contains(quoted).startsWith("guest-stub: ").hasLineCount(1);
        assertThat(program.out()).isEmpty();
        assertThat(folder).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --machine linux --vcpus 0-1 --mood silent | leave out --vcpus, --mood
                    --machine linux --kernel kata-6.12        | leave out --kernel
                    --machine linux --pci 00:00.0             | leave out --pci
                    --dry-run                                 | it goes with --machine linux
                    --machine model --dry-run                 | it goes with --machine linux
                    --kernel extended --no-extensions         | a guest with them
                    """)
    void options_that_make_no_sense_together_are_named(String options, String reason) {
        Program program = Program.run(
                Stream.concat(Stream.of("--listen", "unix://" + folder + "/s"), Stream.of(options.split(" ", -1)))
                        .toArray(String[]::new));
        assertThat(program.exit()).isEqualTo(2);
        assertThat(program.err()).contains(reason).startsWith("guest-stub: ").hasLineCount(1);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void control_characters_of_a_value_are_escaped() {
        assertThat(Program.run("--listen", "unix:///s", "--kernel", "a\u001b[2Jb")
                        .err())
                .contains("\"a\\x1b[2Jb\"");
        assertThat(Program.run("--\u001bx").err()).contains("\\x1b").doesNotContain("\u001b");
    }

    @Test
    void without_a_place_to_listen_it_says_so() {
        Program program = Program.run("--kernel", "kata-6.1");
        assertThat(program.exit()).isEqualTo(2);
        assertThat(program.err()).contains("--listen is missing").hasLineCount(1);
    }

    @Test
    void where_nobody_can_listen_it_ends_with_70() {
        Program program = Program.run("--listen", "unix://" + folder + "/none/s");
        assertThat(program.exit()).isEqualTo(70);
        assertThat(program.err()).contains("there is no such folder").hasLineCount(1);
    }

    @Test
    void a_command_goes_to_a_running_stub_and_its_answer_comes_back() throws IOException {
        Path control = folder.resolve("ctl");
        try (StubGuest guest = StubGuest.start(
                StubOptions.of(MachineConfig.of(GuestProfile.KATA_6_1, 4)).withControl(control))) {
            Program done = Program.run("control", control.toString(), "vcpu", "remove", "3");
            assertThat(done.exit()).isZero();
            assertThat(done.out()).isEqualTo("{\"ok\":true}" + System.lineSeparator());
            assertThat(guest.dump().machine().vcpus()).containsExactly(0, 1, 2);
            Program refused = Program.run("control", control.toString(), "cpu", "offline", "7");
            assertThat(refused.exit()).isEqualTo(2);
            assertThat(refused.out()).contains("the guest has no CPU 7");
        }
        Program gone = Program.run("control", control.toString(), "dump");
        assertThat(gone.exit()).isEqualTo(70);
        assertThat(gone.err()).startsWith("guest-stub: cannot ask the stub at ").hasLineCount(1);
    }
}
