package dev.upcall.client.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttributeTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void a_value_is_written_over_the_files_beginning() throws IOException {
        Path file = Files.writeString(folder.resolve("online"), "0\n");
        Attribute.write(file, "1");
        assertThat(file).hasContent("1\n");
    }

    @Test
    void a_file_that_is_not_there_is_not_made() {
        Path file = folder.resolve("none");
        assertThatThrownBy(() -> Attribute.write(file, "1"))
                .isInstanceOfSatisfying(
                        PosixException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT))
                .hasMessageStartingWith("open " + file + ": ENOENT");
        assertThat(file).doesNotExist();
    }
}
