package dev.upcall.stub.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.stub.linux.LinuxPlan;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class LinuxArgumentsTest {

    @Command
    private static final class Holder {
        @Mixin
        private LinuxArguments linux = new LinuxArguments();

        static LinuxArguments parsed(String... args) {
            Holder holder = new Holder();
            new CommandLine(holder).parseArgs(args);
            return holder.linux;
        }
    }

    @Test
    void nothing_said_is_a_model() {
        assertThat(Holder.parsed().plan("amd64", _ -> {})).isEmpty();
    }

    @Test
    void linux_serves_x86_64_only() {
        assertThatThrownBy(() -> Holder.parsed("--machine", "linux").plan("aarch64", _ -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("--machine linux serves x86-64 guests (os.arch amd64), found os.arch \"aarch64\"");
    }

    @Test
    void a_dry_run_says_so_in_the_product_of_every_opening() {
        LinuxPlan dry = Holder.parsed("--machine", "linux", "--dry-run")
                .plan("amd64", _ -> {})
                .orElseThrow();
        assertThat(dry.product()).startsWith("Linux ").endsWith(", upcall agent, dry run: nothing is changed");
        LinuxPlan wet = Holder.parsed("--machine=linux").plan("amd64", _ -> {}).orElseThrow();
        assertThat(wet.product()).endsWith(", upcall agent");
    }

    @Test
    void extensions_are_on_unless_they_are_switched_off() {
        LinuxPlan plan =
                Holder.parsed("--machine", "linux").plan("amd64", _ -> {}).orElseThrow();
        assertThat(LinuxArguments.extensions(plan, null)).isPresent();
        assertThat(LinuxArguments.extensions(plan, true)).isPresent();
        assertThat(LinuxArguments.extensions(plan, false)).isEmpty();
    }
}
