package dev.upcall.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.e2e.UpcallCommand;
import dev.upcall.e2e.UpcallCommand.Ended;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// A newcomer's first command.
class DemoStory {
    /// What somebody who only wants to look is willing to wait.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @Test
    void the_demonstration_succeeds_before_anybody_is_bored() {
        // The first run may build, and keeps what makes the next one fast.
        assertThat(UpcallCommand.run("--version").exit()).isZero();

        long start = System.nanoTime();
        Ended demo = UpcallCommand.run("demo");
        Duration took = Duration.ofNanos(System.nanoTime() - start);

        assertThat(demo.exit()).as("stderr: %s", demo.err()).isZero();
        assertThat(demo.out()).isNotEmpty();
        assertThat(took).isLessThan(PATIENCE);
    }
}
