package dev.upcall.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Help, version, completion and manual pages.
class HelpTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "status",
                "ping",
                "cpu add",
                "cpu del",
                "cpu set",
                "mmio add",
                "mmio del",
                "pci add",
                "pci del",
                "plan apply",
                "watch",
                "decode",
                "bridge",
                "demo",
                "guest-stub",
                "completion",
                "man"
            })
    void every_command_has_help_with_an_example(String command) {
        Shell.Ended ended = new Shell().run((command + " --help").split(" "));
        assertThat(ended.exit()).isZero();
        assertThat(ended.out()).contains("Usage: upcall " + command, "Example", "--json", "--help");
    }

    @Test
    void the_help_lists_every_command_and_every_exit_code() {
        String help = new Shell().run("--help").out();
        assertThat(help).contains("status", "ping", "cpu", "mmio", "pci", "plan", "watch", "decode", "bridge", "demo");
        for (ExitCode exit : ExitCode.values()) {
            assertThat(help).containsPattern("\n  " + exit.code() + " +" + "\\S");
        }
    }

    @Test
    void options_about_the_guest_are_shown_only_where_there_is_one() {
        assertThat(new Shell().run("status", "--help").out()).contains("--target", "--present");
        assertThat(new Shell().run("decode", "--help").out()).doesNotContain("--target");
    }

    @Test
    void the_version_names_the_java_it_runs_on() {
        assertThat(new Shell().run("--version").out()).startsWith("upcall ").contains("Java 25");
    }

    @Test
    void the_completion_knows_commands_and_options() {
        assertThat(new Shell().run("completion").out()).contains("complete -F", "--apic-id", "kata-6.1");
    }

    @Test
    void there_is_a_manual_page_for_every_command(@TempDir Path folder) {
        assertThat(new Shell().run("man", folder.resolve("man").toString()).exit())
                .isZero();
        assertThat(folder.resolve("man/upcall.adoc")).content().contains("Add and remove a running guest");
        assertThat(folder.resolve("man/upcall-cpu-add.adoc")).content().contains("--apic-id");
    }
}
