package dev.upcall.e2e.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Every sentence of the specification of extended guests has a test, and that test is there: the page
/// `extended-guests.md` beside this class, held against the sources of all modules.
class SpecificationTest {
    private static final String PAGE = "extended-guests.md";
    private static final List<String> SECTIONS = List.of("0", "1", "2", "3", "4", "5", "6");

    /// Sections to sentences to tests.
    private static final Map<String, Map<String, List<String>>> PROMISES = promises();

    private static final Set<String> TESTS = tests();

    @Test
    void every_section_of_the_specification_is_spoken_for() {
        assertThat(PROMISES.keySet().stream().map(title -> title.substring(0, 1)))
                .containsExactlyElementsOf(SECTIONS);
        assertThat(PROMISES.values())
                .allSatisfy(sentences -> assertThat(sentences).hasSizeGreaterThan(4));
    }

    @Test
    void every_sentence_has_a_test() {
        PROMISES.forEach((section, sentences) -> sentences.forEach((sentence, tests) ->
                assertThat(tests).as(section + ": " + sentence).isNotEmpty()));
    }

    @Test
    void every_test_that_is_named_is_one() {
        Set<String> named = new HashSet<>();
        PROMISES.values().forEach(sentences -> sentences.values().forEach(named::addAll));
        assertThat(TESTS).as("tests were found").hasSizeGreaterThan(1000);
        named.removeAll(TESTS);
        assertThat(named).as("renamed or removed").isEmpty();
    }

    private static Set<String> tests() {
        Set<String> tests = new HashSet<>();
        for (SourceFile file : SourceFile.all()) {
            String type = file.path().getFileName().toString().replace(".java", "");
            file.tests().forEach(test -> tests.add(type + "." + test));
        }
        return tests;
    }

    private static Map<String, Map<String, List<String>>> promises() {
        Map<String, Map<String, List<String>>> promises = new LinkedHashMap<>();
        Map<String, List<String>> sentences = new LinkedHashMap<>();
        List<String> tests = new ArrayList<>();
        for (String line : page().lines().toList()) {
            if (line.startsWith("## ")) {
                sentences = new LinkedHashMap<>();
                promises.put(line.substring(3), sentences);
            } else if (line.startsWith("- ")) {
                tests = new ArrayList<>();
                assertThat(sentences.put(line.substring(2), tests))
                        .as("twice: " + line)
                        .isNull();
            } else if (line.startsWith("  - ")) {
                tests.add(line.substring(4));
            }
        }
        return promises;
    }

    private static String page() {
        try (InputStream in = Objects.requireNonNull(SpecificationTest.class.getResourceAsStream(PAGE), PAGE)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
