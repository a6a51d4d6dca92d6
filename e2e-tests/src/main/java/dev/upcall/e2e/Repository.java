package dev.upcall.e2e;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/// Where this checkout keeps what the stories start: the jars, the launcher, the image scripts.
public final class Repository {
    private static final Path TOP = top();

    private Repository() {}

    /// A file of the checkout.
    public static Path file(String relative) {
        return TOP.resolve(relative);
    }

    /// The Java that runs the stories starts the programs, too.
    public static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /// The packaged command line and guest stub with all they need: what the launcher and the images run, too.
    public static String classPath() {
        try {
            String libraries = Files.readString(file("upcall-client/target/cli.classpath"));
            return String.join(File.pathSeparator, jar("upcall-client"), jar("guest-stub"), libraries.strip());
        } catch (NoSuchFileException e) {
            throw new IllegalStateException("nothing is packaged: run ./mvnw -Dquick package first", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String jar(String module) throws IOException {
        try (Stream<Path> files = Files.list(file(module + "/target"))) {
            return files.filter(file -> file.getFileName().toString().matches(module + "-\\d[^-]*(-SNAPSHOT)?\\.jar"))
                    .findFirst()
                    .orElseThrow(() -> new NoSuchFileException(module + "/target/" + module + "-*.jar"))
                    .toString();
        }
    }

    /// Stories run in their module's folder, an IDE's often at the top: climb to where the wrapper stands.
    private static Path top() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("mvnw"))) {
            Path parent = folder.getParent();
            if (parent == null) {
                throw new IllegalStateException("no mvnw above " + Path.of("").toAbsolutePath());
            }
            folder = parent;
        }
        return folder;
    }
}
