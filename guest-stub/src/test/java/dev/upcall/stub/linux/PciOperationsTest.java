package dev.upcall.stub.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.message.PciFunction;
import dev.upcall.stub.machine.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every line of the package's table of PCI.
class PciOperationsTest {
    private static final String DEVICES = "sys/bus/pci/devices/0000:";
    private static final String RESCAN = "sys/class/pci_bus/0000:00/rescan";

    private final FakeKernel kernel;

    PciOperationsTest(@TempDir Path root) throws IOException {
        kernel = new FakeKernel(root);
    }

    @Test
    void a_removed_function_is_gone_and_a_rescan_brings_it_back_with_its_driver() throws IOException {
        assertThat(del("00:05.0")).isEqualTo(new Answer.PciDone());
        assertThat(kernel.at(DEVICES + "00:05.0")).doesNotExist();
        assertThat(del("00:05.0")).isEqualTo(new Answer.Refused(-19));
        assertThat(add("00:05.0")).isEqualTo(new Answer.PciDone());
        assertThat(kernel.at(DEVICES + "00:05.0")).exists();
        assertThat(kernel.written).containsExactly(DEVICES + "00:05.0/remove=1", RESCAN + "=1");
        assertThat(kernel.notes).containsExactly("PCI function 00:05.0 is there, driver virtio-pci");
    }

    @Test
    void a_known_function_is_added_again_without_harm() throws IOException {
        assertThat(add("00:05.0")).isEqualTo(new Answer.PciDone());
        assertThat(kernel.written).containsExactly(RESCAN + "=1");
    }

    @Test
    void one_without_a_driver_is_there_too() throws IOException {
        Files.delete(kernel.at(DEVICES + "00:00.0/driver"));
        assertThat(add("00:00.0")).isEqualTo(new Answer.PciDone());
        assertThat(kernel.notes).containsExactly("PCI function 00:00.0 is there, driver none");
    }

    @Test
    void a_function_that_the_rescan_does_not_find_or_whose_bus_is_not_there_is_no_device() throws IOException {
        assertThat(add("00:06.0")).isEqualTo(new Answer.Refused(-19));
        assertThat(add("01:06.0")).isEqualTo(new Answer.Refused(-19));
        assertThat(kernel.written).containsExactly(RESCAN + "=1");
    }

    @Test
    void the_kernels_own_errno_is_the_result() throws IOException {
        kernel.fails(RESCAN, -13);
        assertThat(add("00:05.0")).isEqualTo(new Answer.Refused(-13));
        kernel.fails(DEVICES + "00:05.0/remove", -13);
        assertThat(del("00:05.0")).isEqualTo(new Answer.Refused(-13));
    }

    @Test
    void the_function_that_carries_vsock_is_not_removed() throws IOException {
        assertThat(del("00:03.0")).isEqualTo(new Answer.Refused(-22));
        assertThat(kernel.written).isEmpty();
        assertThat(kernel.notes).containsExactly("PCI function 00:03.0 is not removed: vsock runs over it");
    }

    @Test
    void nor_is_a_bridge_with_vsock_behind_it() throws IOException {
        Path behind = kernel.at("sys/devices/pci0000:00/0000:00:00.0/0000:01:00.0/virtio9");
        Files.createDirectories(behind);
        Files.writeString(behind.resolve("device"), "0x0013\n");
        Files.delete(kernel.at("sys/bus/virtio/devices/virtio0"));
        Files.createSymbolicLink(kernel.at("sys/bus/virtio/devices/virtio9"), behind);
        assertThat(del("00:00.0")).isEqualTo(new Answer.Refused(-22));
        assertThat(del("00:03.0")).as("not in its way").isEqualTo(new Answer.PciDone());
    }

    @Test
    void a_dry_run_says_what_it_would_write_answers_success_and_changes_nothing() throws IOException {
        PciOperations dry = operations(AttributeWriter.dry(kernel.notes::add));
        assertThat(dry.del(PciFunction.parse("00:05.0"))).isEqualTo(new Answer.PciDone());
        assertThat(dry.add(PciFunction.parse("00:06.0"))).isEqualTo(new Answer.PciDone());
        assertThat(dry.del(PciFunction.parse("00:07.0"))).as("checks are made").isEqualTo(new Answer.Refused(-19));
        assertThat(kernel.at(DEVICES + "00:05.0")).exists();
        assertThat(kernel.notes)
                .contains(
                        "dry run: would write \"1\" to " + kernel.at(DEVICES + "00:05.0/remove"),
                        "dry run: would write \"1\" to " + kernel.at(RESCAN));
    }

    private PciOperations operations(AttributeWriter writer) {
        return new PciOperations(new Sysfs(kernel.root), writer, kernel.notes::add);
    }

    private Answer add(String function) {
        return operations(kernel).add(PciFunction.parse(function));
    }

    private Answer del(String function) throws IOException {
        return operations(kernel).del(PciFunction.parse(function));
    }
}
