package dev.upcall.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upcall.client.ScriptedGuest;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The field names that programs rely on. Each line of stdout is one object; stderr stays empty.
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class JsonOutputTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private String target() {
        return "unix://" + folder.resolve("port.sock");
    }

    private ScriptedGuest guest(ScriptedGuest.Script script) throws Exception {
        return ScriptedGuest.plain(folder.resolve("port.sock"), script);
    }

    private List<JsonNode> objects(String... words) throws Exception {
        Shell.Ended ended = new Shell().with("UPCALL_TARGET", target()).run(words);
        assertThat(ended.err()).isEmpty();
        List<JsonNode> objects = new java.util.ArrayList<>();
        for (String line : ended.lines()) {
            objects.add(JSON.readTree(line));
        }
        JsonNode last = objects.getLast();
        assertThat(ended.exit()).isEqualTo(last.path("exit").asInt(0));
        return objects;
    }

    private static List<String> names(JsonNode object) {
        return object.properties().stream().map(java.util.Map.Entry::getKey).toList();
    }

    @Test
    void of_status_and_ping() throws Exception {
        try (var _ = guest(ScriptedGuest.always(0))) {
            assertThat(names(objects("--json", "status").getFirst()))
                    .containsExactly("ok", "command", "target", "state", "connect_ms", "kernel", "present", "extended");
            List<JsonNode> pings = objects("ping", "-c", "2", "--json");
            assertThat(names(pings.getFirst())).containsExactly("ok", "command", "target", "seq", "connect_ms");
            assertThat(names(pings.getLast()))
                    .containsExactly("ok", "command", "target", "sent", "answered", "min_ms", "median_ms", "max_ms");
        }
    }

    @Test
    void of_requests() throws Exception {
        try (var _ = guest((c, h, _) -> c.reply(h.msgType(), h.msgSize() == 258 ? 4 : 0, 0, 1))) {
            JsonNode cpu = objects("--json", "cpu", "add", "1").getFirst();
            assertThat(names(cpu)).containsExactly("ok", "op", "apic_ids", "outcome", "word", "elapsed_ms");
            assertThat(cpu.get("ok").booleanValue()).isTrue();
            assertThat(cpu.get("op").textValue()).isEqualTo("ADD_CPU");
            assertThat(cpu.get("apic_ids").toString()).isEqualTo("[1]");
            JsonNode mmio = objects("--json", "mmio", "del", "--base", "0xd0000000", "--size", "4096", "--irq", "6")
                    .getFirst();
            assertThat(mmio.get("base").textValue()).isEqualTo("0xd0000000");
            assertThat(mmio.get("size").textValue()).isEqualTo("0x1000");
            assertThat(mmio.get("irq").intValue()).isEqualTo(6);
            JsonNode pci = objects("--json", "pci", "add", "00:1f.7").getFirst();
            assertThat(pci.get("function").textValue()).isEqualTo("00:1f.7");
        }
    }

    @Test
    void of_a_refusal_after_a_success() throws Exception {
        try (var _ = guest((c, h, frame) -> {
            boolean first = frame.get(18) == 1;
            c.reply(h.msgType(), first ? 4 : 0, first ? 0 : -22, 1);
        })) {
            JsonNode refusal = objects("--json", "cpu", "add", "2").getLast();
            assertThat(names(refusal))
                    .containsExactly(
                            "ok", "error", "exit", "reason", "message", "result", "op", "apic_ids", "outcome", "done");
            assertThat(refusal.get("error").textValue()).isEqualTo("REFUSED");
            assertThat(refusal.get("reason").textValue()).isEqualTo("EINVAL");
            assertThat(refusal.get("result").intValue()).isEqualTo(-22);
            assertThat(refusal.get("done").get(0).get("apic_ids").toString()).isEqualTo("[1]");
        }
    }

    @Test
    void of_what_did_not_come_about() throws Exception {
        JsonNode absent = objects("--json", "status").getFirst();
        assertThat(names(absent)).containsExactly("ok", "error", "exit", "reason", "message", "target");
        assertThat(absent.get("error").textValue()).isEqualTo("NOT_CONNECTED");
        assertThat(absent.get("reason").textValue()).isEqualTo("NO_SOCKET_FILE");
        JsonNode unsafe = objects("--json", "--present", "0", "cpu", "del", "--apic-id", "9")
                .getFirst();
        assertThat(unsafe.get("error").textValue()).isEqualTo("UNSAFE");
        assertThat(unsafe.get("reason").textValue()).isEqualTo("CRASHES_GUEST");
    }

    @Test
    void of_a_command_line_that_could_not_be_read_wherever_the_flag_stands() throws Exception {
        assertThat(objects("--bogus", "--json").getFirst().get("error").textValue())
                .isEqualTo("USAGE");
        assertThat(objects("cpu", "add", "x", "--json")
                        .getFirst()
                        .get("message")
                        .textValue())
                .contains("found \"x\"");
    }

    @Test
    void of_a_dry_run() throws Exception {
        Shell.Ended ended = new Shell()
                .reading("steps: [{add-cpu: {count: 2}}, {add-pci: \"00:04.0\"}]")
                .run("--json", "plan", "apply", "-", "--dry-run");
        assertThat(ended.lines()).hasSize(3);
        assertThat(names(JSON.readTree(ended.lines().getLast()))).containsExactly("ok", "op", "function", "dry_run");
        assertThat(ended.exit()).isZero();
    }
}
