package dev.upcall.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.e2e.ConsoleLog;
import dev.upcall.e2e.ReadmeWalk;
import dev.upcall.e2e.Repository;
import dev.upcall.e2e.Requirement;
import dev.upcall.e2e.SocketFolder;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// "Hot-plug a CPU in a QEMU guest in five minutes": the commands of the README, read out of the README, in one bash.
/// Only
/// its folder is another one, so that nobody's own walk is disturbed, and nothing is installed.
class FiveMinutesStory {
    private static final int WALK_SECONDS_MAX = 300;

    @RegisterExtension
    final Stage stage = Stage.needing(Requirement.QEMU);

    private final ReadmeWalk readme = ReadmeWalk.of("Hot-plug a CPU in a QEMU guest in five minutes");

    private ReadmeWalk here() {
        SocketFolder folder = stage.folder();
        return readme.without("sudo apt-get install ")
                .with("/tmp/vm", folder.file("vm").toString());
    }

    @Test
    void the_walk_works_as_written() throws Exception {
        ReadmeWalk walk = here();
        assertThat(walk.commands())
                .as("all but the installation")
                .hasSize(readme.commands().size() - 1);
        assertWorks(walk);
    }

    @Test
    void a_walk_with_an_agent_that_only_says_so_is_noticed() throws Exception {
        ReadmeWalk idle = here().with("--machine linux", "--machine linux --dry-run");
        assertThatThrownBy(() -> assertWorks(idle))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("what the guest itself says");
    }

    /// It works when the guest's own console says what the README says.
    private void assertWorks(ReadmeWalk walk) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", walk.script())
                .directory(Repository.file("").toFile())
                .redirectErrorStream(true);
        // A developer's own settings are not part of a story.
        builder.environment().keySet().removeIf(name -> name.startsWith("UPCALL_"));
        Process bash = builder.start();
        ConsoleLog console = new ConsoleLog();
        Thread collecting = console.collect(bash.getInputStream());
        try {
            assertThat(bash.waitFor(WALK_SECONDS_MAX, TimeUnit.SECONDS))
                    .as("the walk ends; it printed:\n%s", console.text())
                    .isTrue();
            collecting.join();
        } finally {
            bash.descendants().forEach(ProcessHandle::destroyForcibly);
            bash.destroyForcibly();
        }
        List<String> said = console.lines().stream()
                .map(String::strip)
                .filter(line -> line.matches("\\d+> .*"))
                .toList();
        assertThat(said)
                .as("what the guest itself says; the walk printed:\n%s", console.text())
                .isEqualTo(readme.printed());
        assertThat(bash.exitValue()).as("the walk printed:\n%s", console.text()).isZero();
    }
}
