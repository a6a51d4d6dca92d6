package dev.upcall.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// One of the images in `docker/`, and the program inside.
public enum Image {
    GUEST_STUB("dev.upcall.stub.cli.GuestStub", ""),
    BRIDGE("dev.upcall.client.cli.Main", "bridge");

    /// A first build takes 10 s, of which jlink is the most.
    private static final Duration BUILD_MAX = Duration.ofMinutes(2);

    /// Guarded by itself.
    private static final Set<Image> BUILT = EnumSet.noneOf(Image.class);

    private final String mainClass;
    private final String command;

    Image(String mainClass, String command) {
        this.mainClass = mainClass;
        this.command = command;
    }

    String mainClass() {
        return mainClass;
    }

    /// What the image's entry point says before the arguments.
    List<String> command() {
        return command.isEmpty() ? List.of() : List.of(command);
    }

    /// The name of its folder in `docker/`.
    public String folder() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public String reference() {
        return "upcall/" + folder() + ":dev";
    }

    /// Builds it, unless this run did or the engine has one of exactly these jars.
    public void build() {
        synchronized (BUILT) {
            if (!BUILT.contains(this)) {
                buildNow();
                BUILT.add(this);
            }
        }
    }

    private void buildNow() {
        try {
            ProcessBuilder build =
                    new ProcessBuilder(Repository.file("docker/build").toString(), folder()).redirectErrorStream(true);
            build.environment().put("JAVA_HOME", System.getProperty("java.home"));
            ConsoleLog console = new ConsoleLog();
            Process process = build.start();
            Thread collecting = console.collect(process.getInputStream());
            if (!process.waitFor(BUILD_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("docker/build " + folder() + " took longer than " + BUILD_MAX);
            }
            collecting.join();
            if (process.exitValue() != 0) {
                throw new IllegalStateException("docker/build " + folder() + " failed:\n" + console.text());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while an image was built", e);
        }
    }
}
