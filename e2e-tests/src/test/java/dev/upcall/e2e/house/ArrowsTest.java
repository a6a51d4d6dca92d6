package dev.upcall.e2e.house;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.foreign.Linker;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The arrows of ARCHITECTURE.md: who may import whom.
class ArrowsTest {
    private static final String PROTO = "dev.upcall.proto..";
    private static final String CLIENT = "dev.upcall.client..";
    private static final String STUB = "dev.upcall.stub..";
    private static final String E2E = "dev.upcall.e2e..";

    private static final JavaClasses HOUSE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.upcall");

    /// A rule about nobody would hold; this is what notices that the importer found nothing.
    @ParameterizedTest
    @ValueSource(strings = {"dev.upcall.proto", "dev.upcall.client", "dev.upcall.stub", "dev.upcall.e2e"})
    void every_module_is_looked_at(String root) {
        assertThat(HOUSE.containPackage(root)).isTrue();
    }

    @Test
    void the_protocol_imports_only_the_jdk_jspecify_and_protobuf() {
        holds(classes()
                .that()
                .resideInAPackage(PROTO)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(PROTO, "java..", "org.jspecify..", "com.google.protobuf.."));
    }

    @Test
    void the_protocol_has_no_io_no_thread_and_no_logger() {
        holds(noClasses()
                .that()
                .resideInAPackage(PROTO)
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                                "java.net..", "java.nio.channels..", "java.nio.file..", "java.util.logging..")
                        .or(resideInAPackage("java.util.concurrent..").and(not(type(TimeUnit.class))))
                        .or(type(Thread.class))
                        .or(type(System.Logger.class))));
    }

    @Test
    void the_protocol_is_told_the_time_and_never_looks_at_a_clock() {
        holds(noClasses()
                .that()
                .resideInAPackage(PROTO)
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .dependOnClassesThat(assignableTo(Clock.class)));
    }

    @Test
    void the_client_knows_neither_the_stub_nor_the_stories() {
        holds(noClasses().that().resideInAPackage(CLIENT).should().dependOnClassesThat(resideInAnyPackage(STUB, E2E)));
    }

    @Test
    void the_stub_takes_from_the_client_only_posix_transport_and_metrics() {
        DescribedPredicate<JavaClass> lent = resideInAnyPackage(
                "dev.upcall.client.posix..", "dev.upcall.client.transport..", "dev.upcall.client.metrics..");
        holds(noClasses()
                .that()
                .resideInAPackage(STUB)
                .should()
                .dependOnClassesThat(resideInAPackage(CLIENT).and(not(lent)).or(resideInAPackage(E2E))));
    }

    @Test
    void only_posix_speaks_to_the_kernel() {
        holds(noClasses()
                .that()
                .resideOutsideOfPackage("dev.upcall.client.posix..")
                .should()
                .dependOnClassesThat(assignableTo(Linker.class).or(resideInAPackage("org.newsclub.net.unix.."))));
    }

    /// A module's root package is its front door: it may use the chapters behind it and they may name its types.
    /// Chapters among themselves form no cycle.
    @ParameterizedTest
    @ValueSource(strings = {"dev.upcall.proto", "dev.upcall.client", "dev.upcall.stub", "dev.upcall.e2e"})
    void no_chapters_of_a_module_form_a_cycle(String root) {
        holds(slices().matching(root + ".(**)").should().beFreeOfCycles());
    }

    /// Rules stand from the first day, also over chapters that nobody has written yet.
    private static void holds(ArchRule rule) {
        rule.allowEmptyShould(true).check(HOUSE);
    }
}
