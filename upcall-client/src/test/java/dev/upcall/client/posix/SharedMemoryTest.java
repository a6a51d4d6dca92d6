package dev.upcall.client.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedMemoryTest {
    @TempDir
    private Path folder;

    @Test
    void two_mappings_of_a_file_are_the_same_memory_and_the_offset_is_skipped() throws PosixException {
        try (MemoryFile file = MemoryFile.create("m", 3 * 4096);
                Mapping whole = Mapping.of(file.fd(), 0, 3 * 4096);
                Mapping part = Mapping.of(file.fd(), 5000, 1000)) {
            part.bytes().set(ValueLayout.JAVA_BYTE, 7, (byte) 42);
            assertThat(part.bytes().byteSize()).isEqualTo(1000);
            assertThat(whole.bytes().get(ValueLayout.JAVA_BYTE, 5007)).isEqualTo((byte) 42);
        }
    }

    @Test
    void a_mapping_outlives_the_descriptor_and_nobody_touches_it_once_closed() throws PosixException {
        MemoryFile file = MemoryFile.create("m", 4096);
        Mapping mapping = Mapping.of(file.fd(), 0, 4096);
        file.close();
        mapping.bytes().fill((byte) 1);
        mapping.close();
        mapping.close();
        assertThatThrownBy(() -> mapping.bytes().get(ValueLayout.JAVA_BYTE, 0))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_file_that_is_too_short_is_not_mapped() throws PosixException {
        try (MemoryFile file = MemoryFile.create("m", 4096)) {
            assertThatThrownBy(() -> Mapping.of(file.fd(), 4096, 1))
                    .isInstanceOf(PosixException.class)
                    .hasMessageContaining("a file with 4096 bytes");
        }
    }

    @Test
    void a_mapped_memory_file_cannot_be_made_shorter_and_another_file_says_that_it_could() throws Exception {
        try (MemoryFile file = MemoryFile.create("m", 8192);
                Mapping mapping = Mapping.of(file.fd(), 0, 8192)) {
            assertThat(mapping.isSealed()).isTrue();
            assertThatThrownBy(() -> file.resize(4096)).hasMessageContaining("EPERM");
        }
        Path other = folder.resolve("f");
        Files.write(other, new byte[4096]);
        try (Fd fd = opened(other);
                Mapping mapping = Mapping.of(fd, 0, 4096)) {
            assertThat(mapping.isSealed()).isFalse();
        }
    }

    /// A descriptor of a file: passed through a socket, for the JDK gives none away.
    private static Fd opened(Path path) throws Exception {
        try (var file = new java.io.RandomAccessFile(path.toFile(), "rw");
                var open = Files.list(Path.of("/proc/self/fd"))) {
            int number = open.filter(fd -> isLinkTo(fd, path))
                    .mapToInt(fd -> Integer.parseInt(fd.getFileName().toString()))
                    .findFirst()
                    .orElseThrow();
            assertThat(file.length()).isPositive();
            return Fd.owning(Libc.checked("dup", Libc.fcntl(number, 1030, 0)));
        }
    }

    private static boolean isLinkTo(Path link, Path target) {
        try {
            return Files.readSymbolicLink(link).equals(target.toRealPath());
        } catch (java.io.IOException _) {
            return false;
        }
    }
}
