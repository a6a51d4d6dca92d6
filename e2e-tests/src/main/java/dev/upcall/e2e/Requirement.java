package dev.upcall.e2e;

import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// What a story may need that not every machine has.
///
/// A story whose requirement is missing is skipped with the reason; `UPCALL_REQUIRE=docker,gcc,qemu` says that it must
/// not be missing, and makes the skip a failure.
public enum Requirement {
    DOCKER("no Docker engine answers", "docker", "version", "--format", "{{.Server.Version}}"),
    GCC("there is no C compiler", "gcc", "--version"),
    QEMU("no guest can be booted", Repository.file("e2e-tests/guest-vm/check").toString());

    /// The variable that names what must be there, separated by commas.
    public static final String VARIABLE = "UPCALL_REQUIRE";

    private static final Map<Requirement, Optional<String>> LOOKED_UP = new ConcurrentHashMap<>();

    private final String complaint;
    /// A command, its words on a line each.
    private final String probe;

    Requirement(String complaint, String... probe) {
        this.complaint = complaint;
        this.probe = String.join("\n", probe);
    }

    /// The sentence that says what is missing; empty when it is there. Looked up once.
    public Optional<String> missing() {
        return LOOKED_UP.computeIfAbsent(this, Requirement::look);
    }

    /// Whether whoever runs the stories insists.
    ///
    /// @param environment of the process, or a test's
    public boolean isInsistedOn(Map<String, String> environment) {
        String wanted = environment.get(VARIABLE);
        return wanted != null
                && Arrays.stream(wanted.split(",", -1))
                        .map(String::strip)
                        .anyMatch(word -> word.equals(name().toLowerCase(Locale.ROOT)));
    }

    private Optional<String> look() {
        try {
            Process process = new ProcessBuilder(probe.split("\n", -1))
                    .redirectErrorStream(true)
                    .start();
            ConsoleLog console = new ConsoleLog();
            Thread collecting = console.collect(process.getInputStream());
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return Optional.of(sentence("no answer within 10 s"));
            }
            collecting.join();
            return process.exitValue() == 0 ? Optional.empty() : Optional.of(sentence(console.text()));
        } catch (IOException e) {
            return Optional.of(sentence(String.valueOf(e.getMessage())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of(sentence("interrupted"));
        }
    }

    private String sentence(String why) {
        return complaint + " (" + probe.replace('\n', ' ') + ": " + why.strip() + ")";
    }
}
