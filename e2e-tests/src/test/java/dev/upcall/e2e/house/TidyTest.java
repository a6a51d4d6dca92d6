package dev.upcall.e2e.house;

import static java.util.function.Predicate.not;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What no Java file of the house may contain. A finding reads `file:line what stands there`.
class TidyTest {
    /// Each of these says that nobody asked what the class knows.
    private static final Pattern EMPTY_NAME = Pattern.compile("(Util|Helper|Manager|Common|Impl)s?(?![a-z])");

    private static final Pattern SLEEP = Pattern.compile("\\bThread\\.sleep\\(|\\bTimeUnit\\.\\w+\\.sleep\\(");
    private static final Pattern PROMISE = Pattern.compile("\\b(TODO|FIXME)\\b(?!.*#\\d)");

    /// What a reader can keep in the head at once; a file says on a line of its own why it must be longer.
    private static final int FILE_LINES_MAX = 500;

    /// What fits on a screen.
    private static final int METHOD_LINES_MAX = 70;

    private static final List<SourceFile> HOUSE = SourceFile.all();

    @Test
    void there_is_a_house_to_look_at() {
        assertThat(HOUSE).extracting(SourceFile::module).contains("upcall-proto", "upcall-client", "guest-stub");
    }

    @Test
    void a_class_is_named_for_what_it_knows() {
        assertThat(HOUSE.stream()
                        .flatMap(file -> file.types().stream()
                                .filter(type -> EMPTY_NAME.matcher(type.name()).find()))
                        .map(SourceFile.Part::where))
                .isEmpty();
    }

    @Test
    void a_package_tells_its_story_and_marks_its_nulls() {
        assertThat(HOUSE.stream().map(SourceFile::packageName).distinct().filter(not(TidyTest::isToldAndMarked)))
                .isEmpty();
    }

    @Test
    void nobody_sleeps_outside_the_stories() {
        assertThat(findings(SLEEP, file -> !file.module().equals("e2e-tests"))).isEmpty();
    }

    @Test
    void what_is_left_to_do_has_an_issue() {
        assertThat(findings(PROMISE, file -> !file.isNamed("TidyTest"))).isEmpty();
    }

    @Test
    void a_long_file_says_why() {
        assertThat(HOUSE.stream()
                        .filter(file -> file.lines().size() > FILE_LINES_MAX)
                        .filter(file -> file.lines().stream().noneMatch(line -> line.startsWith("// Long because: ")))
                        .map(file -> file.path() + " has " + file.lines().size() + " lines"))
                .isEmpty();
    }

    @Test
    void a_method_fits_a_screen() {
        assertThat(HOUSE.stream()
                        .flatMap(file -> file.methods().stream().filter(method -> method.lines() > METHOD_LINES_MAX))
                        .map(SourceFile.Part::where))
                .isEmpty();
    }

    private static boolean isToldAndMarked(String packageName) {
        return HOUSE.stream()
                .filter(file ->
                        file.isNamed("package-info") && file.packageName().equals(packageName))
                .anyMatch(file -> file.lines().getFirst().startsWith("///")
                        && file.lines().contains("@NullMarked"));
    }

    private static Stream<String> findings(Pattern pattern, Predicate<SourceFile> where) {
        return HOUSE.stream().filter(where).flatMap(file -> file.linesWith(pattern));
    }
}
