package dev.upcall.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.client.ScriptedGuest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `plan apply` and `cpu set`: several requests, one exit code, and what was undone.
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class PlanApplyTest {
    private static final String PLAN = """
            steps:
              - add-cpu: {count: 1}
              - add-mmio: {base: 0xd0000000, size: 0x1000, irq: 6}
            """;

    @TempDir
    private Path folder;

    private ScriptedGuest guest(ScriptedGuest.Script script) throws Exception {
        return ScriptedGuest.plain(folder.resolve("port.sock"), script);
    }

    private Shell.Ended apply(String plan, String... more) throws Exception {
        Path file = Files.writeString(folder.resolve("plan.yaml"), plan);
        String[] words = new String[more.length + 3];
        System.arraycopy(new String[] {"plan", "apply", file.toString()}, 0, words, 0, 3);
        System.arraycopy(more, 0, words, 3, more.length);
        return new Shell()
                .with("UPCALL_TARGET", "unix://" + folder.resolve("port.sock"))
                .run(words);
    }

    @Test
    void a_plan_is_carried_out_in_order() throws Exception {
        try (var guest = guest((c, h, _) -> c.reply(h.msgType(), h.msgSize() == 258 ? 4 : 0, 0, 1))) {
            Shell.Ended ended = apply(PLAN);
            assertThat(ended.exit()).isZero();
            assertThat(ended.out()).containsSubsequence("CPU 1 added", "virtio-mmio 0xd0000000+0x1000 irq 6 added");
            assertThat(guest.requests()).hasSize(2);
        }
    }

    @Test
    void a_step_that_fails_gives_its_code_and_the_steps_before_are_undone() throws Exception {
        try (var guest = guest((c, h, _) -> {
            boolean mmio = h.msgSize() == 24;
            c.reply(h.msgType(), mmio ? 0 : 4, mmio ? -17 : 0, 1);
        })) {
            Shell.Ended ended = apply(PLAN);
            assertThat(ended.exit()).isEqualTo(1);
            assertThat(ended.err())
                    .contains("refused ADD_MMIO", "EEXIST", "before that: CPU 1 added", "undone: CPU 1 removed")
                    .hasLineCount(1);
            assertThat(ended.out()).containsSubsequence("CPU 1 added", "undone: CPU 1 removed");
            assertThat(guest.requests()).hasSize(3);
        }
    }

    @Test
    void what_could_not_be_undone_is_said() throws Exception {
        try (var _ = guest((c, h, _) -> {
            boolean add = h.msgType() == 1;
            c.reply(h.msgType(), add ? 4 : 0, add ? 0 : -22, 1);
        })) {
            assertThat(apply(PLAN).err()).contains("NOT undone: DEL_CPU 1 (refused with EINVAL)");
        }
    }

    @Test
    void a_dry_run_dials_nobody() throws Exception {
        try (var guest = guest(ScriptedGuest.always(0))) {
            Shell.Ended ended = apply(PLAN, "--dry-run");
            assertThat(ended.lines())
                    .containsExactly("would send ADD_CPU 1", "would send ADD_MMIO 0xd0000000+0x1000 irq 6");
            assertThat(guest.connections()).isZero();
        }
    }

    @Test
    void a_plan_with_an_unsafe_step_is_refused_before_its_first() throws Exception {
        try (var guest = guest(ScriptedGuest.always(0))) {
            Shell.Ended ended = apply(PLAN + "  - del-cpu: {apic-ids: [7]}\n");
            assertThat(ended.err()).contains("DEL_CPU 7").hasLineCount(1);
            assertThat(ended.exit()).isEqualTo(6);
            assertThat(guest.requests()).isEmpty();
        }
    }

    @Test
    void the_plan_says_what_the_guest_is_unless_a_flag_does() throws Exception {
        String plan = "kernel: kata-6.12\npresent: [0, 1]\n" + PLAN;
        assertThat(apply(plan, "--dry-run").out()).contains("ADD_CPU 2");
        assertThat(apply(plan, "--dry-run", "--present", "0-2").out()).contains("ADD_CPU 3");
    }

    @Test
    void setting_the_number_of_cpus_adds_removes_or_sends_nothing() throws Exception {
        try (var guest = guest((c, h, _) -> c.reply(h.msgType(), 4, 0, 1))) {
            Shell shell = new Shell().with("UPCALL_TARGET", "unix://" + folder.resolve("port.sock"));
            assertThat(shell.run("cpu", "set", "2").out()).contains("CPU 1 added");
            assertThat(shell.run("--present", "0-2", "cpu", "set", "2").out()).contains("CPU 2 removed");
            assertThat(shell.run("--present", "0-2", "cpu", "set", "3").out()).contains("nothing was sent");
            assertThat(guest.requests()).hasSize(2);
        }
    }
}
