package dev.upcall.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// This checkout as somebody else would get it: what git knows, as it stands here now, and nothing that a build
/// left.
public final class FreshClone implements AutoCloseable {
    private final Path folder;

    private FreshClone(Path folder) {
        this.folder = folder;
    }

    public static FreshClone make() {
        try {
            Path folder = Files.createTempDirectory("upcall-clone-");
            for (String name : files()) {
                Path to = folder.resolve(name);
                Path from = Repository.file(name);
                if (Files.exists(from, LinkOption.NOFOLLOW_LINKS)) {
                    Files.createDirectories(to.getParent());
                    Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
                }
            }
            return new FreshClone(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path folder() {
        return folder;
    }

    @Override
    public void close() {
        try (Stream<Path> tree = Files.walk(folder)) {
            List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> files() throws IOException {
        Process git = new ProcessBuilder("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
                .directory(Repository.file("").toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String names = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (git.waitFor() != 0) {
                throw new IllegalStateException("git does not know this checkout");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while git listed its files", e);
        }
        return List.of(names.split("\0", -1)).stream()
                .filter(name -> !name.isEmpty())
                .toList();
    }
}
