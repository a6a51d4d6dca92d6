package dev.upcall.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upcall.client.ExtendedGuest;
import dev.upcall.client.ScriptedGuest;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.Features;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the command line does with an extended guest: its own word for the CPUs it has, `inventory`, `event send`,
/// `status`.
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class ExtendedCommandsTest {
    @TempDir
    private Path folder;

    private final Shell shell = new Shell();

    private Path socket() {
        return folder.resolve("vm.sock");
    }

    private ExtendedGuest guest() throws IOException {
        return ExtendedGuest.behindHybrid(socket());
    }

    private Shell.Ended run(String... words) {
        List<String> all = new ArrayList<>(List.of("-t", "hvsock://" + socket()));
        all.addAll(List.of(words));
        return shell.run(all.toArray(String[]::new));
    }

    private JsonNode json(String... words) throws IOException {
        List<String> all = new ArrayList<>(List.of("--json"));
        all.addAll(List.of(words));
        List<String> lines = run(all.toArray(String[]::new)).lines();
        assertThat(lines).hasSize(1);
        return new ObjectMapper().readTree(lines.getFirst());
    }

    private static void says(Shell.Ended ended, int exit, String... parts) {
        assertThat(ended.err()).contains(parts).startsWith("upcall: ").hasLineCount(1);
        assertThat(ended.exit()).isEqualTo(exit);
    }

    // ------------------------------------------------------------------ CPUs by the guest's own word

    @Test
    void a_cpu_that_the_guest_says_it_has_is_removed_without_present() throws Exception {
        try (var guest = guest().having(1, 2)) {
            assertThat(run("cpu", "del", "--apic-id", "2").out()).contains("CPU 2 removed");
            assertThat(guest.carriedOut()).containsExactly("DEL_CPU 2");
        }
    }

    @Test
    void the_cpus_added_are_the_lowest_the_guest_does_not_have() throws Exception {
        try (var guest = guest().having(1, 3)) {
            assertThat(run("cpu", "add", "2").out()).containsSubsequence("CPU 2 added", "CPU 4 added");
            assertThat(run("cpu", "add", "1", "--batch").out()).contains("CPU 5 added");
            assertThat(guest.carriedOut()).containsExactly("ADD_CPU 2", "ADD_CPU 4", "ADD_CPU 5");
        }
    }

    @Test
    void setting_their_number_starts_from_what_the_guest_says() throws Exception {
        try (var guest = guest().having(1, 2, 3)) {
            assertThat(run("cpu", "set", "4").out()).contains("4 CPUs already, by its own inventory; nothing was sent");
            assertThat(guest.carriedOut()).isEmpty();
            assertThat(run("cpu", "set", "2").out()).containsSubsequence("CPU 3 removed", "CPU 2 removed");
            assertThat(guest.carriedOut()).containsExactly("DEL_CPU 3", "DEL_CPU 2");
        }
    }

    @Test
    void a_plan_that_does_not_say_who_is_present_takes_it_from_the_guest() throws Exception {
        try (var guest = guest().having(1, 2)) {
            Path plan = folder.resolve("plan.yaml");
            Files.writeString(plan, "steps:\n  - del-cpu: {apic-ids: [1, 2]}\n  - add-cpu: {count: 1}\n");
            assertThat(run("plan", "apply", plan.toString()).exit()).isZero();
            assertThat(guest.carriedOut()).containsExactly("DEL_CPU 2", "DEL_CPU 1", "ADD_CPU 1");
        }
    }

    @Test
    void a_cpu_the_guest_does_not_have_is_its_own_affair_inside_execute_once() throws Exception {
        try (var guest = guest()) {
            says(run("cpu", "del", "--apic-id", "7"), 1, "refused DEL_CPU 7", "EINVAL");
            assertThat(guest.carriedOut()).containsExactly("DEL_CPU 7");
        }
    }

    @Test
    void without_execute_once_such_a_removal_is_6_by_the_guests_own_inventory() throws Exception {
        Features plain = Features.of(Feature.LIVENESS, Feature.EVENTS, Feature.INVENTORY);
        try (var guest = ExtendedGuest.behindHybrid(socket(), plain).having(1)) {
            says(run("cpu", "del", "--apic-id", "7"), 6, "DEL_CPU 7", "not among the present ones (0,1)");
            assertThat(guest.carriedOut()).isEmpty();
            assertThat(run("cpu", "del", "--apic-id", "1").exit()).isZero();
            assertThat(guest.carriedOut()).containsExactly("DEL_CPU 1");
        }
    }

    @Test
    void a_guest_without_an_inventory_cannot_say_either() throws Exception {
        try (var guest = ExtendedGuest.behindHybrid(socket(), Features.of(Feature.LIVENESS))
                .having(1)) {
            says(run("cpu", "del", "--apic-id", "1"), 6, "DEL_CPU 1", "cannot say", "--present");
            assertThat(run("--present", "0,1", "cpu", "del", "--apic-id", "1").exit())
                    .isZero();
            assertThat(guest.carriedOut()).containsExactly("DEL_CPU 1");
        }
    }

    @Test
    void with_extensions_off_nobody_is_asked() throws Exception {
        try (var guest = guest().having(1)) {
            says(run("--extensions", "off", "cpu", "del", "--apic-id", "1"), 6, "DEL_CPU 1");
            assertThat(guest.carriedOut()).isEmpty();
        }
    }

    // ------------------------------------------------------------------ inventory

    @Test
    void inventory_is_a_table_of_what_the_guest_has() throws Exception {
        try (var _ = guest().having(1, 4)) {
            assertThat(run("inventory").lines())
                    .containsSubsequence(
                            "CPU   STATE",
                            "0     online (boot)",
                            "1     online",
                            "4     online",
                            "MMIO BASE           SIZE        IRQ",
                            "0xd0000000          0x1000      5",
                            "PCI",
                            "00:04.0")
                    .last()
                    .asString()
                    .contains("0 running", "guest epoch");
        }
    }

    @Test
    void inventory_as_json_holds_the_same() throws Exception {
        try (var _ = guest().having(1)) {
            JsonNode has = json("inventory");
            assertThat(has.get("ok").booleanValue()).isTrue();
            assertThat(has.get("cpus_present").toString()).isEqualTo("[0,1]");
            assertThat(has.get("cpus_online").toString()).isEqualTo("[0,1]");
            assertThat(has.get("boot_cpu").intValue()).isZero();
            assertThat(has.get("mmio").toString())
                    .isEqualTo("[{\"base\":\"0xd0000000\",\"size\":\"0x1000\",\"irq\":5}]");
            assertThat(has.get("pci").toString()).isEqualTo("[\"00:04.0\"]");
            assertThat(has.get("running").intValue()).isZero();
            assertThat(has.get("connections")).hasSize(1);
            assertThat(has.get("guest_epoch").textValue()).isNotEmpty();
        }
    }

    @Test
    void a_stock_guest_has_neither_inventory_nor_events() throws Exception {
        try (var guest = ScriptedGuest.behindHybrid(socket(), ScriptedGuest.always(0))) {
            says(run("inventory"), 1, "stock");
            says(run("event", "send", "hello"), 1, "stock");
            JsonNode refused = json("inventory");
            assertThat(refused.get("ok").booleanValue()).isFalse();
            assertThat(refused.get("exit").intValue()).isEqualTo(1);
            assertThat(guest.requests()).isEmpty();
        }
    }

    @Test
    void a_guest_that_must_be_extended_and_is_not_is_3() throws Exception {
        try (var _ = ScriptedGuest.behindHybrid(socket(), ScriptedGuest.always(0))) {
            says(run("--extensions", "required", "inventory"), 3, "extensions are required");
        }
    }

    // ------------------------------------------------------------------ event send

    @Test
    void an_event_is_sent_as_text_from_a_file_or_from_stdin() throws Exception {
        try (var guest = guest()) {
            Path file = Files.writeString(folder.resolve("event.bin"), "from a file");
            assertThat(run("event", "send", "grüße").out()).contains("the guest has the event of 7 bytes");
            assertThat(run("event", "send", "--file", file.toString()).exit()).isZero();
            shell.reading("from stdin");
            JsonNode sent = json("event", "send", "--file", "-");
            assertThat(sent.get("bytes").intValue()).isEqualTo(10);
            assertThat(sent.get("command").textValue()).isEqualTo("event send");
            assertThat(guest.heard()).containsExactly("grüße", "from a file", "from stdin");
        }
    }

    @Test
    void an_event_is_at_most_512_bytes_and_one_more_is_2_and_not_dialled() throws Exception {
        try (var guest = guest()) {
            assertThat(run("event", "send", "x".repeat(512)).exit()).isZero();
            assertThat(run("event", "send", "").exit()).isZero();
            says(run("event", "send", "x".repeat(513)), 2, "expected at most 512 bytes, found 513");
            says(run("event", "send", "é".repeat(257)), 2, "expected at most 512 bytes, found 514");
            Path file = Files.writeString(folder.resolve("long"), "x".repeat(100_000));
            says(run("event", "send", "--file", file.toString()), 2, "expected at most 512 bytes");
            assertThat(guest.heard()).containsExactly("x".repeat(512), "");
        }
    }

    @Test
    void an_event_from_nowhere_is_2() throws Exception {
        try (var guest = guest()) {
            says(run("event", "send", "--file", folder.resolve("none").toString()), 2, "cannot read", "none");
            assertThat(run("event", "send").exit()).isEqualTo(2);
            assertThat(run("event", "send", "text", "--file", "-").exit()).isEqualTo(2);
            assertThat(guest.heard()).isEmpty();
        }
    }

    @Test
    void an_event_to_a_guest_that_has_left_is_3() throws Exception {
        try (var guest = guest()) {
            guest.raise(EventKind.VM_SHUTDOWN);
            says(run("event", "send", "too late"), 3, "not connected");
            assertThat(guest.heard()).isEmpty();
        }
    }

    // ------------------------------------------------------------------ status

    @Test
    void status_says_who_the_guest_is_what_was_agreed_and_when_it_was_heard_last() throws Exception {
        try (var _ = guest()) {
            assertThat(run("status").out())
                    .contains(
                            "extended guest test on x86_64, epoch ",
                            "features LIVENESS EVENTS INVENTORY EXACTLY_ONCE",
                            "last proof of life ");
            JsonNode status = json("status");
            assertThat(status.get("extended").booleanValue()).isTrue();
            assertThat(status.get("product").textValue()).isEqualTo("test");
            assertThat(status.get("architecture").textValue()).isEqualTo("x86_64");
            assertThat(status.get("features").toString())
                    .isEqualTo("[\"LIVENESS\",\"EVENTS\",\"INVENTORY\",\"EXACTLY_ONCE\"]");
            assertThat(status.get("guest_epoch").textValue()).isNotEmpty();
            assertThat(status.get("boot_id").textValue()).isNotEmpty();
            assertThat(status.get("since_proof_of_life_ms").isNumber()).isTrue();
        }
    }

    @Test
    void status_with_extensions_off_asks_for_none() throws Exception {
        try (var _ = guest()) {
            assertThat(run("--extensions", "off", "status").out())
                    .contains("connected")
                    .doesNotContain("extended");
            assertThat(json("--extensions", "off", "status").get("extended").booleanValue())
                    .isFalse();
        }
    }
}
