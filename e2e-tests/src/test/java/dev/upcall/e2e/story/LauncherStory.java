package dev.upcall.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.e2e.FreshClone;
import dev.upcall.e2e.UpcallCommand;
import dev.upcall.e2e.UpcallCommand.Ended;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/// `./upcall` in a clone that nobody has built. A minute, nearly all of it javac: told where somebody insists.
@EnabledIfEnvironmentVariable(
        named = "UPCALL_REQUIRE",
        matches = ".+",
        disabledReason = "it builds everything once more; set UPCALL_REQUIRE to anything to be told this story")
class LauncherStory {
    private static final Duration BUILD_MAX = Duration.ofMinutes(5);

    @Test
    void a_fresh_clone_builds_itself_and_says_so_in_one_line() {
        try (FreshClone clone = FreshClone.make()) {
            Ended first = run(clone, BUILD_MAX);
            assertThat(first.exit()).as("stderr: %s", first.err()).isZero();
            assertThat(first.err()).singleElement().asString().startsWith("upcall: building, once");
            assertThat(first.out()).isNotEmpty();

            Ended second = run(clone, Times.SOON);
            assertThat(second.exit()).isZero();
            assertThat(second.err()).as("it is built already").isEmpty();
            assertThat(second.out()).isEqualTo(first.out());
        }
    }

    private static Ended run(FreshClone clone, Duration atMost) {
        try (UpcallCommand command = UpcallCommand.startIn(clone.folder(), "--version")) {
            return command.ended(atMost);
        }
    }
}
