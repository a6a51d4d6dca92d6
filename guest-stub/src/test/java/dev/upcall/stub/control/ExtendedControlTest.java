package dev.upcall.stub.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.stub.StubGuest;
import dev.upcall.stub.StubOptions;
import dev.upcall.stub.agent.Extensions;
import dev.upcall.stub.machine.MachineConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The commands that only an extended guest understands, and what it shows of itself.
@Timeout(30)
class ExtendedControlTest {
    private static final String OK = "{\"ok\":true}";

    @TempDir
    private Path folder = Path.of("");

    private final CountDownLatch crashed = new CountDownLatch(1);

    private @Nullable StubGuest guest;

    @BeforeEach
    void boot() throws IOException {
        guest = StubGuest.start(
                StubOptions.of(MachineConfig.of(GuestProfile.KATA_6_12, 4).withBootCpus(0, 1))
                        .withExtensions(Extensions.of("test"))
                        .withOnCrash(crashed::countDown)
                        .withControl(socket()));
    }

    @AfterEach
    void end() throws IOException {
        Objects.requireNonNull(guest).close();
    }

    @Test
    void a_dump_shows_epoch_boot_id_and_what_is_kept() throws IOException {
        JsonNode extensions = extensions();
        assertThat(extensions.get("epoch").asText()).matches("[0-9a-f]{16}");
        assertThat(extensions.get("bootId").asText()).matches("[0-9a-f-]{36}");
        assertThat(extensions.get("product").asText()).isEqualTo("test");
        assertThat(extensions.get("features").asText()).isEqualTo("LIVENESS EVENTS INVENTORY EXACTLY_ONCE");
        assertThat(extensions.get("clients")).isEmpty();
        assertThat(extensions.get("events").toString()).isEqualTo("{\"raised\":0,\"acknowledged\":0,\"waiting\":0}");
        assertThat(extensions.get("heard").toString()).isEqualTo("{\"count\":0,\"missed\":0,\"last\":\"\"}");
    }

    @Test
    void a_user_event_is_the_rest_of_the_line() throws IOException {
        assertThat(ask("event disk  is full")).isEqualTo(OK);
        assertThat(ask("event " + "x".repeat(512))).isEqualTo(OK);
        assertThat(ask("event " + "x".repeat(513))).contains("\"ok\":false", "512 bytes: 513");
        assertThat(extensions().get("events").get("raised").asInt()).isEqualTo(2);
    }

    @Test
    void a_device_that_needs_a_reset_and_a_changed_configuration_are_events() throws IOException {
        assertThat(ask("needs-reset mmio:0xd0000000+0x1000")).isEqualTo(OK);
        assertThat(ask("needs-reset pci:00:04.0")).isEqualTo(OK);
        assertThat(ask("needs-reset cpu:2")).isEqualTo(OK);
        assertThat(ask("config-changed")).isEqualTo(OK);
        assertThat(ask("config-changed mmio:0xd0000000+0x1000")).isEqualTo(OK);
        assertThat(extensions().get("events").get("raised").asInt()).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "needs-reset",
                "needs-reset none",
                "needs-reset cpu:255",
                "needs-reset mmio:0xd0000000",
                "needs-reset mmio:0x0+0x0",
                "needs-reset pci:1",
                "needs-reset cpu:1 cpu:2",
                "config-changed disk"
            })
    void an_event_about_no_device_is_refused_and_raises_nothing(String command) throws IOException {
        assertThat(ask(command)).contains("\"ok\":false", "a device is cpu:0");
        assertThat(extensions().get("events").get("raised").asInt()).isZero();
    }

    @Test
    void the_guests_own_sysfs_raises_events() throws IOException {
        assertThat(ask("cpu offline 1")).isEqualTo(OK);
        assertThat(ask("cpu online 1")).isEqualTo(OK);
        assertThat(extensions().get("events").get("raised").asInt()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"restart", "restart orderly"})
    void a_restart_keeps_the_boot_id_and_changes_the_epoch(String command) throws IOException {
        JsonNode before = extensions();
        assertThat(ask(command)).isEqualTo(OK);
        JsonNode after = extensions();
        assertThat(after.get("epoch")).isNotEqualTo(before.get("epoch"));
        assertThat(after.get("bootId")).isEqualTo(before.get("bootId"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"reboot", "reboot orderly"})
    void a_reboot_changes_both(String command) throws IOException {
        JsonNode before = extensions();
        assertThat(ask(command)).isEqualTo(OK);
        JsonNode after = extensions();
        assertThat(after.get("epoch")).isNotEqualTo(before.get("epoch"));
        assertThat(after.get("bootId")).isNotEqualTo(before.get("bootId"));
        assertThat(ask("dump")).contains("\"boots\":2");
    }

    @Test
    void pause_and_resume_are_the_mood_silent_and_leave_other_moods_alone() throws IOException {
        assertThat(ask("mood split 100")).isEqualTo(OK);
        JsonNode before = extensions();
        assertThat(ask("pause")).isEqualTo(OK);
        assertThat(ask("dump")).contains("\"moods\":[\"split 100\",\"silent\"]");
        assertThat(ask("resume")).isEqualTo(OK);
        assertThat(ask("dump")).contains("\"moods\":[\"split 100\"]");
        assertThat(extensions().get("epoch")).isEqualTo(before.get("epoch"));
    }

    @Test
    void a_crash_is_told_to_whoever_runs_the_guest() throws IOException, InterruptedException {
        assertThat(ask("crash")).isEqualTo(OK);
        crashed.await();
    }

    @ParameterizedTest
    @ValueSource(strings = {"exit", "exit app-exit", "exit vm-shutdown"})
    void an_exit_ends_the_wait_of_whoever_runs_the_guest(String command) throws IOException, InterruptedException {
        assertThat(ask(command)).isEqualTo(OK);
        Objects.requireNonNull(guest).awaitEnd();
        assertThat(crashed.getCount()).isEqualTo(1);
    }

    @Test
    void moods_of_extended_guests_are_written_as_they_are_read() throws IOException {
        assertThat(ask("mood crash")).isEqualTo(OK);
        assertThat(ask("dump")).contains("\"moods\":[\"crash\"]");
        assertThat(ask("mood crash restart")).isEqualTo(OK);
        assertThat(ask("mood black-hole")).isEqualTo(OK);
        assertThat(ask("dump")).contains("\"moods\":[\"crash restart\",\"black-hole\"]");
        assertThat(ask("mood crash reboot")).isEqualTo(OK);
        assertThat(ask("dump")).contains("\"crash reboot\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "restart now",
                "reboot orderly please",
                "pause 1s",
                "resume it",
                "crash hard",
                "exit now",
                "exit app-exit x",
                "mood crash twice",
                "mood crash restart x",
                "mood black-hole deep"
            })
    void anything_else_is_refused_in_a_sentence(String line) throws IOException {
        String before = ask("dump");
        JsonNode answer = new ObjectMapper().readTree(ask(line));
        assertThat(answer.get("ok").asBoolean()).isFalse();
        assertThat(answer.get("error").asText()).isNotBlank();
        assertThat(ask("dump")).isEqualTo(before);
    }

    private JsonNode extensions() throws IOException {
        return new ObjectMapper().readTree(ask("dump")).get("extensions");
    }

    private String ask(String line) throws IOException {
        return ControlClient.ask(socket(), line);
    }

    private Path socket() {
        return folder.resolve("ctl");
    }
}
