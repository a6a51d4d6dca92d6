package dev.upcall.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whatever is not right on a command line is one sentence with the value in it, exit code 2, and changes
/// nothing.
class BadInputTest {
    private static final String TARGET = "unix:///nowhere/at/all.sock";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "-t foo status | --target: expected hvsock",
                "-t vsock://2 status | found \"vsock://2\"",
                "-t hvsock://relative status | found \"hvsock://relative\"",
                "status | which guest?",
                "--timeout 10 status | --timeout: expected a duration",
                "--timeout 0s status | found \"0s\"",
                "--wait soon status | --wait: expected a duration",
                "--reply-timeout -1s status | found \"-1s\"",
                "--kernel kata-7 status | --kernel: expected one of kata-5.10, kata-6.1, kata-6.12, kata-6.18, kata-arm64",
                "--present 0,0 status | names APIC id 0 twice",
                "--present 0,,1 status | found \"0,,1\"",
                "--present 0-300 status | found \"0-300\"",
                "--present 3-1 status | found \"3-1\"",
                "--possible-cpus 0 status | found \"0\"",
                "--present 0-3 --possible-cpus 2 status | at least the 4 present: 2",
                "--vsock-pci 4.0 status | --vsock-pci: PCI function must look like 00:04.0",
                "--vsock-mmio 1,2 status | --vsock-mmio: expected BASE,SIZE,IRQ",
                "--vsock-mmio 1,2,x status | found \"x\"",
                "ping -c 0 | found \"0\"",
                "ping -c x | found \"x\"",
                "cpu add | either N or --apic-id LIST, found neither",
                "cpu add 1 --apic-id 1 | found both",
                "cpu add 0 | found \"0\"",
                "cpu add 256 | found \"256\"",
                "cpu add 255 | only 254 APIC ids are free",
                "cpu add --apic-id 255 | found \"255\"",
                "cpu add --apic-id x | found \"x\"",
                "cpu add 1 2 | '2'",
                "cpu del | found neither",
                "cpu del 1 | kata-arm64",
                "--kernel kata-arm64 cpu del --apic-id 1 | x86-64",
                "cpu set | N",
                "cpu set 0 | found \"0\"",
                "mmio add --base x --size 1 --irq 1 | --base: expected a number",
                "mmio add --base 0x10000000000000000 --size 1 --irq 1 | found \"0x10000000000000000\"",
                "mmio add --base 0 --size 0 --irq 1 | size must not be 0",
                "mmio add --base 0xffffffffffffffff --size 2 --irq 1 | passes the end",
                "mmio add --base 0 --size 1 --irq 0 | found \"0\"",
                "mmio add --base 0 --size 1 --irq 99999999999 | found \"99999999999\"",
                "mmio add --base 0 --size 1 | --irq",
                "pci add | B:S.F",
                "pci add 00:20.0 | PCI slot must be 0 to 31",
                "pci add 00:04.8 | found \"00:04.8\"",
                "pci del zz | found \"zz\"",
                "plan apply | FILE",
                "plan apply /no/such/plan | no such file",
                "plan apply / | it is a folder",
                "decode /no/such/trace | no such file",
                "watch --metrics-listen here | found \"here\"",
                "status --bogus | '--bogus'",
                "statsu | did you mean status",
                "cpu | Missing required subcommand",
                "guest-stub | program of its own",
            })
    void is_said_in_one_sentence(String words, String part) {
        Shell.Ended ended = new Shell()
                .with("UPCALL_TARGET", words.startsWith("-t") || words.equals("status") ? "" : TARGET)
                .run(words.split(" "));
        assertThat(ended.err()).contains(part).startsWith("upcall: ").hasLineCount(1);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.exit()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "bridge --listen vsock://3 --guest vsock://3 | --listen: ",
                "bridge --listen hvsock:///tmp/x --guest foo | --guest: ",
                "bridge --guest vsock://3 | --listen",
                "bridge --listen hvsock:///tmp/x --guest vsock://3 --host-port x | --host-port: expected a number",
                "bridge --listen hvsock:///tmp/x --guest vsock://3 --host-port 4294967295 | --host-port",
                "bridge --listen hvsock:///tmp/x --guest unix:///tmp/y --host-port 5 | for single host ports",
                "bridge --listen hvsock:///tmp/x --vhost-user /tmp/y --cid 3 --host-port 5 | leave it out",
                "bridge --listen hvsock:///tmp/x | found neither",
                "bridge --listen hvsock:///tmp/x --vhost-user /tmp/y | found only --vhost-user",
                "bridge --listen hvsock:///tmp/x --cid 3 --guest vsock://3 | found only --cid",
                "bridge --listen hvsock:///tmp/x --vhost-user /tmp/y --cid 2 | --cid",
                "bridge --listen hvsock:///tmp/x --vhost-user /tmp/x --cid 3 | two different sockets",
                "bridge --listen hvsock:///tmp/x --vhost-user /tmp/y --cid 3 --guest vsock://3 | found both",
            })
    void of_a_bridge_is_said_in_one_sentence(String words, String part) {
        is_said_in_one_sentence(words, part);
    }

    @Test
    void control_characters_do_not_reach_the_terminal() {
        for (String[] words : new String[][] {
            {"-t", "unix:///\u001b[2J", "status"},
            {"cpu", "add", "1\u0007"},
            {"--bogus\u001b[2J"},
            {"plan", "apply", "/no\nsuch\u202efile"},
        }) {
            assertThat(new Shell().run(words).err()).hasLineCount(1).doesNotContain("\u001b", "\u0007", "\u202e");
        }
    }

    @Test
    void a_long_value_is_cut() {
        String sentence = new Shell().run("cpu", "add", "9".repeat(10_000)).err();
        assertThat(sentence).contains("999...").hasSizeLessThan(300);
    }

    @Test
    void a_value_of_the_environment_is_named_by_its_variable() {
        assertThat(new Shell().with("UPCALL_KERNEL", "linux").run("status").err())
                .contains("UPCALL_KERNEL: expected one of");
        assertThat(new Shell().with("UPCALL_TARGET", "foo").run("status").err()).contains("UPCALL_TARGET: expected");
    }

    @Test
    void a_flag_overrules_its_variable() {
        Shell.Ended ended = new Shell().with("UPCALL_TARGET", "foo").run("-t", TARGET, "status");
        assertThat(ended.exit()).isEqualTo(3);
    }

    @Test
    void a_plan_that_is_none_says_where() throws Exception {
        Path plan = Files.writeString(folder.resolve("plan.yaml"), "steps:\n  - add-gpu: 1\n");
        Shell.Ended ended = new Shell().run("-t", TARGET, "plan", "apply", plan.toString());
        assertThat(ended.err()).contains("step 1", "add-gpu").hasLineCount(1);
        assertThat(ended.exit()).isEqualTo(2);
    }

    @Test
    void a_trace_that_cannot_be_written_stops_the_command_before_it_dials() {
        Shell.Ended ended = new Shell().run("-t", TARGET, "--trace", "/no/such/folder/t.log", "status");
        assertThat(ended.err()).contains("--trace: cannot write /no/such/folder/t.log: no such file or folder");
        assertThat(ended.exit()).isEqualTo(2);
    }

    @Test
    void an_argument_with_an_at_sign_is_not_a_file_of_arguments() {
        assertThat(new Shell().run("-t", TARGET, "decode", "@/etc/hostname").err())
                .contains("@/etc/hostname");
    }
}
