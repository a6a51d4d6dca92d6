package dev.upcall.stub.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SysfsTest {
    @TempDir
    private Path root = Path.of("");

    @Test
    void a_file_is_read_up_to_its_limit_and_not_beyond() throws IOException {
        Files.writeString(root.resolve("f"), " 123\n");
        Sysfs sysfs = new Sysfs(root);
        assertThat(sysfs.text("f", 5)).isEqualTo("123");
        assertThatThrownBy(() -> sysfs.text("f", 4))
                .isInstanceOf(IOException.class)
                .hasMessage(root.resolve("f") + " must have at most 4 bytes, found more");
    }

    @Test
    void what_is_not_there_is_said_or_empty() throws IOException {
        Sysfs sysfs = new Sysfs(root);
        assertThatThrownBy(() -> sysfs.bytes("none", 1)).hasMessage(root.resolve("none") + " is not there");
        assertThat(sysfs.attribute("none")).isEmpty();
        assertThat(sysfs.names("none")).isEmpty();
        assertThat(sysfs.real("none")).isEmpty();
        assertThat(sysfs.has("none")).isFalse();
        assertThat(sysfs.attribute("")).as("a folder").isEmpty();
    }

    @Test
    void a_link_that_leads_nowhere_is_there() throws IOException {
        Files.createSymbolicLink(root.resolve("link"), root.resolve("gone"));
        Sysfs sysfs = new Sysfs(root);
        assertThat(sysfs.has("link")).isTrue();
        assertThat(sysfs.real("link")).isEmpty();
    }

    @Test
    void the_kernel_says_why_a_file_cannot_be_written() throws IOException {
        Path file = Files.writeString(root.resolve("online"), "0");
        assertThat(AttributeWriter.KERNEL.write(file, "1")).isZero();
        assertThat(file).hasContent("1");
        assertThat(AttributeWriter.KERNEL.write(root.resolve("none"), "1"))
                .as("ENODEV")
                .isEqualTo(-19);
        assertThat(AttributeWriter.KERNEL.write(root, "1")).as("EISDIR").isEqualTo(-21);
        assertThat(root.resolve("none")).doesNotExist();
    }

    @Test
    void a_kernel_that_does_not_say_who_it_is_is_unknown() throws IOException {
        assertThat(KernelFacts.read(new Sysfs(root)).release()).isEqualTo("unknown");
        FakeKernel kernel = new FakeKernel(root);
        KernelFacts facts = KernelFacts.read(new Sysfs(root));
        assertThat(facts.release()).isEqualTo("6.1.0-fake");
        assertThat(facts.bootId()).map(String::valueOf).hasValue("5db54521-da52-4a53-bcb4-08af47557426");
        kernel.file("proc/sys/kernel/osrelease", "x".repeat(65));
        kernel.file("proc/sys/kernel/random/boot_id", "none");
        facts = KernelFacts.read(new Sysfs(root));
        assertThat(facts.release()).isEqualTo("unknown");
        assertThat(facts.bootId()).isEmpty();
    }
}
