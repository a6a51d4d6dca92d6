package dev.upcall.stub.linux;

import static dev.upcall.stub.linux.FakeKernel.CPU;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.proto.message.PciFunction;
import dev.upcall.stub.linux.Snapshot.Cpu;
import dev.upcall.stub.machine.MachineChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LookoutTest {
    private final FakeKernel kernel;
    private final List<MachineChange> heard = new ArrayList<>();

    LookoutTest(@TempDir Path root) throws IOException {
        kernel = new FakeKernel(root);
    }

    @Test
    void what_is_there_at_the_beginning_is_no_change() throws IOException {
        Lookout lookout = lookout();
        assertThat(lookout.look().cpus()).containsExactly(new Cpu(0, 0, true, true));
        assertThat(lookout.look().pci()).extracting(String::valueOf).containsExactly("00:00.0", "00:03.0", "00:05.0");
        assertThat(heard).isEmpty();
    }

    @Test
    void what_others_do_is_told_once() throws IOException {
        Lookout lookout = lookout();
        kernel.comes(2, 3);
        lookout.look();
        assertThat(heard).as("a CPU that only could be used").isEmpty();
        kernel.goes(2, true);
        lookout.look();
        lookout.look();
        kernel.goes(2, false);
        kernel.write(kernel.at("sys/bus/pci/devices/0000:00:05.0/remove"), "1");
        lookout.look();
        kernel.vmmHas("00:06.0");
        kernel.write(kernel.at("sys/class/pci_bus/0000:00/rescan"), "1");
        lookout.look();
        assertThat(heard)
                .containsExactly(
                        new MachineChange.CpuChanged(3, true),
                        new MachineChange.CpuChanged(3, false),
                        new MachineChange.PciChanged(PciFunction.parse("00:05.0"), false),
                        new MachineChange.PciChanged(PciFunction.parse("00:05.0"), true),
                        new MachineChange.PciChanged(PciFunction.parse("00:06.0"), true));
    }

    @Test
    void a_cpu_that_is_taken_away_while_it_is_online_went_offline() throws IOException {
        kernel.comes(1, 1);
        kernel.goes(1, true);
        Lookout lookout = lookout();
        kernel.vanishes(1);
        assertThat(lookout.look().cpus()).hasSize(1);
        assertThat(heard).containsExactly(new MachineChange.CpuChanged(1, false));
        kernel.comes(1, 1);
        assertThat(lookout.look().cpus().get(1)).as("not in use any more").isEqualTo(new Cpu(1, 1, false, false));
    }

    @Test
    void an_online_cpu_is_known_by_what_it_says_itself_also_when_it_is_offline_later() throws IOException {
        kernel.comes(1, 1);
        kernel.reallyHas(1, 42);
        Lookout lookout = lookout();
        assertThat(lookout.look().cpus().get(1).apicId()).isEqualTo(1);
        kernel.goes(1, true);
        assertThat(lookout.look().cpus().get(1).apicId()).isEqualTo(42);
        kernel.goes(1, false);
        assertThat(lookout.look().cpus().get(1).apicId()).isEqualTo(42);
        kernel.vanishes(1);
        lookout.look();
        kernel.comes(1, 3);
        assertThat(lookout.look().cpus().get(1).apicId()).as("another CPU").isEqualTo(3);
    }

    @Test
    void a_uid_file_counts_more_than_a_name() throws IOException {
        kernel.table("APIC", AcpiTables.madt(AcpiTables.localApic(17, 4), AcpiTables.localApic(1, 1)));
        kernel.comes(1, 1);
        kernel.file(CPU + "/cpu1/firmware_node/uid", "17");
        assertThat(lookout().look().cpus().get(1).apicId()).isEqualTo(4);
    }

    @Test
    void of_two_cpus_with_one_id_the_first_is_believed() throws IOException {
        kernel.comes(1, 1);
        kernel.comes(2, 1);
        assertThat(lookout().look().cpus())
                .containsExactly(
                        new Cpu(0, 0, true, true),
                        new Cpu(1, 1, false, false),
                        new Cpu(2, Snapshot.UNKNOWN, false, false));
    }

    @Test
    void two_cpus_whose_ids_nobody_knows_are_two_and_are_told_to_nobody() throws IOException {
        kernel.comes(1, 1);
        kernel.comes(2, 2);
        Files.delete(kernel.at(CPU + "/cpu1/firmware_node/path"));
        kernel.file(CPU + "/cpu2/firmware_node/path", "\\_SB_.NONE");
        Lookout lookout = lookout();
        assertThat(lookout.look().cpus()).extracting(Cpu::apicId).containsExactly(0, -1, -1);
        kernel.reallyHas(1, 255);
        kernel.goes(1, true);
        assertThat(lookout.look().online()).isEqualTo(2);
        assertThat(heard).as("255 cannot be said").isEmpty();
    }

    @Test
    void without_the_firmwares_table_cpus_that_were_online_are_known() throws IOException {
        kernel.table("APIC", new byte[] {1});
        kernel.comes(1, 1);
        Lookout lookout = lookout();
        assertThat(kernel.notes)
                .singleElement()
                .asString()
                .startsWith(
                        "no APIC id is known of CPUs that have not been online: the ACPI table APIC cannot be used: ")
                .contains("must begin with \"APIC\"");
        assertThat(lookout.look().cpu(1)).isEmpty();
        kernel.goes(1, true);
        lookout.look();
        kernel.goes(1, false);
        assertThat(lookout.look().cpu(1)).isPresent();
    }

    @Test
    void a_kernel_that_shows_nonsense_is_quoted_with_the_file_and_what_was_seen_before_stands() throws IOException {
        Lookout lookout = lookout();
        Snapshot before = lookout.last();
        kernel.file(CPU + "/online", "0-99999");
        assertThatThrownBy(lookout::look)
                .isInstanceOf(IOException.class)
                .hasMessageContaining(kernel.at(CPU + "/online") + ": ")
                .hasMessageContaining("found \"0-99999\"");
        Files.delete(kernel.at(CPU + "/online"));
        assertThatThrownBy(lookout::look).hasMessage(kernel.at(CPU + "/online") + " is not there");
        assertThat(lookout.last()).isEqualTo(before);
        assertThat(heard).isEmpty();
    }

    private Lookout lookout() throws IOException {
        Sysfs sysfs = new Sysfs(kernel.root);
        return new Lookout(sysfs, Firmware.read(sysfs, kernel.notes::add), heard::add);
    }
}
