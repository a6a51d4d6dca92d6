package dev.upcall.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.e2e.Guest;
import dev.upcall.e2e.Lodging;
import dev.upcall.e2e.UpcallCommand;
import dev.upcall.e2e.UpcallCommand.Ended;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `./upcall` beside a real extended guest: what it asks of it instead of its user, and what `watch` shows.
class ExtendedCommandLineStory {
    @RegisterExtension
    final Stage stage = Stage.with(Lodging.PROCESS);

    private Guest guest;

    @BeforeEach
    void a_guest_is_up() {
        guest = stage.guest(stage.folder(), "--kernel", "extended", "--vcpus", "0-7", "--boot-cpus", "0-2")
                .start();
    }

    private Ended upcall(String... arguments) {
        return UpcallCommand.run(words(arguments));
    }

    private String[] words(String... arguments) {
        List<String> words = new ArrayList<>(List.of("--target", guest.target().toString()));
        words.addAll(List.of(arguments));
        return words.toArray(String[]::new);
    }

    @Test
    void cpus_come_and_go_by_the_guests_own_inventory() {
        Ended ended = upcall("cpu", "del", "--apic-id", "2");
        assertThat(ended.exit()).as("stderr: %s", ended.err()).isZero();
        assertThat(guest.onlineCpus()).containsExactly(0, 1);
        assertThat(upcall("cpu", "set", "4").exit()).isZero();
        assertThat(guest.onlineCpus()).containsExactly(0, 1, 2, 3);
        assertThat(upcall("inventory").out()).contains("3     online");
    }

    @Test
    void watch_shows_what_happens_to_devices_and_configuration() {
        try (UpcallCommand watch = UpcallCommand.start(words("watch"))) {
            watch.out().await("the guest is bound", line -> line.contains("BIND(FIRST)"), Times.START);
            guest.control("needs-reset mmio:0xd0000000+0x1000");
            guest.control("config-changed");
            guest.control("config-changed pci:00:04.0");
            watch.out().await("three events", line -> line.contains("event 3"), Times.SOON);
            watch.interrupt();
            assertThat(watch.ended().exit()).isZero();
            assertThat(watch.out().text())
                    .containsSubsequence(
                            "event 1 DEVICE_NEEDS_RESET mmio:0xd0000000+0x1000",
                            "event 2 CONFIG_CHANGED",
                            "event 3 CONFIG_CHANGED pci:00:04.0");
        }
    }
}
