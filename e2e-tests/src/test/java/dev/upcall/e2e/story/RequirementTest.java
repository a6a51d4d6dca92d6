package dev.upcall.e2e.story;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.e2e.Requirement;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.TestAbortedException;

/// What becomes of a story whose requirement is missing.
class RequirementTest {
    private static final String WHY = "no Docker engine answers (docker version: not found)";

    private static void without(Map<String, String> environment) {
        Stage.doWithout(Requirement.DOCKER, WHY, environment);
    }

    @Test
    void a_story_whose_requirement_is_missing_is_skipped_with_the_reason() {
        assertThatThrownBy(() -> without(Map.of()))
                .isInstanceOf(TestAbortedException.class)
                .hasMessage("skipped: " + WHY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "gcc,docker", " docker , gcc"})
    void it_fails_with_the_reason_where_the_environment_insists(String wanted) {
        assertThatThrownBy(() -> without(Map.of("UPCALL_REQUIRE", wanted)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContainingAll(WHY, "UPCALL_REQUIRE insists");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "gcc", "dockerx"})
    void insisting_on_something_else_still_skips_it(String wanted) {
        assertThatThrownBy(() -> without(Map.of("UPCALL_REQUIRE", wanted))).isInstanceOf(TestAbortedException.class);
    }
}
