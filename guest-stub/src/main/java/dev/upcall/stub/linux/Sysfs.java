package dev.upcall.stub.linux;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads the kernel's files. Files under it are named as from the root: `sys/devices/system/cpu/online`.
///
/// No state. Reading may block as long as the kernel holds what it is about to show.
///
/// @param root `/`, or a folder that tests have filled
record Sysfs(Path root) {

    /// One page is what an attribute can have; lists and links are shorter.
    static final int ATTRIBUTE_BYTES_MAX = 64 << 10;

    /// `/proc/cpuinfo` of 8,192 CPUs, 2 KiB each.
    static final int CPUINFO_BYTES_MAX = 16 << 20;

    /// A domain has 65,536 functions; a folder with more is none of those that are asked for.
    static final int ENTRIES_MAX = 65_536;

    Path at(String file) {
        return root.resolve(file);
    }

    /// As text, white space at its ends left out.
    ///
    /// @throws IOException in one sentence, also when it is longer than `bytesMax`
    String text(String file, int bytesMax) throws IOException {
        return new String(bytes(file, bytesMax), StandardCharsets.ISO_8859_1).strip();
    }

    /// Empty when it is not there or cannot be read.
    Optional<String> attribute(String file) {
        try {
            return Optional.of(text(file, ATTRIBUTE_BYTES_MAX));
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    /// As [#text], the bytes. What the file says about its length is not believed: sysfs says 4096.
    byte[] bytes(String file, int bytesMax) throws IOException {
        try (InputStream in = Files.newInputStream(at(file))) {
            byte[] bytes = in.readNBytes(bytesMax + 1);
            if (bytes.length > bytesMax) {
                throw new IOException(at(file) + " must have at most " + bytesMax + " bytes, found more");
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw new IOException(at(file) + " is not there", e);
        }
    }

    /// The names in a folder, in any order; none when it is not there.
    List<String> names(String folder) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(at(folder))) {
            for (Path entry : entries) {
                if (names.size() == ENTRIES_MAX) {
                    throw new IOException(at(folder) + " must have at most " + ENTRIES_MAX + " entries, found more");
                }
                names.add(String.valueOf(entry.getFileName()));
            }
        } catch (NoSuchFileException | NotDirectoryException _) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw new IOException(at(folder) + " cannot be listed: " + e.getMessage(), e);
        }
        return names;
    }

    boolean has(String file) {
        return Files.exists(at(file), LinkOption.NOFOLLOW_LINKS);
    }

    /// Where a link really leads; empty when nowhere.
    Optional<Path> real(String file) {
        try {
            return Optional.of(at(file).toRealPath());
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
