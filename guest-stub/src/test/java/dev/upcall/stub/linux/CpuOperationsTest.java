package dev.upcall.stub.linux;

import static dev.upcall.stub.linux.FakeKernel.CPU;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.stub.machine.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every line of the package's table of CPUs.
class CpuOperationsTest {
    private final Path root;
    private final FakeKernel kernel;
    private Agent agent;

    /// What is tested, and how it sees the kernel.
    private record Agent(Lookout lookout, CpuOperations cpus) {}

    /// CPU 0 is online; CPU 1 is APIC id 1 and CPU 2 is APIC id 3, both offline.
    CpuOperationsTest(@TempDir Path root) throws IOException {
        this.root = root;
        kernel = new FakeKernel(root);
        kernel.comes(1, 1);
        kernel.comes(2, 3);
        agent = agent(kernel);
    }

    @Test
    void an_added_cpu_is_started_by_its_number_not_by_its_id() throws Exception {
        assertThat(add(3)).isEqualTo(new Answer.CpuDone(1));
        assertThat(kernel.written).containsExactly(CPU + "/cpu2/online=1");
        assertThat(agent.lookout().look().cpu(3)).hasValue(new Snapshot.Cpu(2, 3, true, true));
    }

    @Test
    void several_are_added_in_the_order_of_the_request() throws Exception {
        assertThat(add(3, 1)).isEqualTo(new Answer.CpuDone(2));
        assertThat(kernel.written).containsExactly(CPU + "/cpu2/online=1", CPU + "/cpu1/online=1");
    }

    @Test
    void none_to_add_or_to_remove_succeeds() throws Exception {
        assertThat(add()).isEqualTo(new Answer.CpuDone(0));
        assertThat(del()).isEqualTo(new Answer.CpuDone(0));
    }

    @Test
    void with_an_online_cpu_in_the_list_nothing_is_added() throws Exception {
        assertThat(add(1, 0)).isEqualTo(new Answer.Refused(-22));
        assertThat(kernel.written).isEmpty();
    }

    @Test
    void a_cpu_that_somebody_took_offline_is_in_use_and_is_not_added() throws Exception {
        kernel.goes(1, true);
        agent.lookout().look();
        kernel.goes(1, false);
        assertThat(add(1)).isEqualTo(new Answer.Refused(-22));
        assertThat(del(1)).as("other CPUs first").isEqualTo(new Answer.RefusedCpu(-22, 0));
        kernel.goes(2, true);
        assertThat(del(1)).as("already offline").isEqualTo(new Answer.Refused(1));
        assertThat(kernel.written).isEmpty();
    }

    @Test
    void an_id_that_the_firmware_does_not_list_is_refused_at_once() throws Exception {
        assertThat(add(9)).isEqualTo(new Answer.Refused(-22));
        assertThat(add(255)).isEqualTo(new Answer.Refused(-22));
        assertThat(kernel.waitedNanos()).isZero();
    }

    @Test
    void what_was_added_before_the_first_failure_stays() throws Exception {
        assertThat(add(1, 9, 3)).isEqualTo(new Answer.Refused(-22));
        assertThat(agent.lookout().look().cpu(1)).hasValue(new Snapshot.Cpu(1, 1, true, true));
        assertThat(agent.lookout().look().cpu(3)).hasValue(new Snapshot.Cpu(2, 3, false, false));
    }

    @Test
    void the_same_id_twice_is_added_once_and_stays() throws Exception {
        assertThat(add(1, 1)).isEqualTo(new Answer.Refused(-17));
        assertThat(agent.lookout().look().cpu(1)).hasValue(new Snapshot.Cpu(1, 1, true, true));
    }

    @Test
    void a_vcpu_that_does_not_come_is_waited_for_ten_seconds() throws Exception {
        assertThat(add(2)).isEqualTo(new Answer.Refused(-5));
        assertThat(kernel.waitedNanos()).isEqualTo(TimeUnit.SECONDS.toNanos(10));
        assertThat(kernel.written).isEmpty();
    }

    @Test
    void a_vcpu_that_comes_while_it_is_waited_for_is_started() throws Exception {
        kernel.meanwhile(nanos -> {
            if (nanos == TimeUnit.SECONDS.toNanos(3)) {
                kernel.comes(3, 2);
            }
        });
        assertThat(add(2)).isEqualTo(new Answer.CpuDone(1));
        assertThat(kernel.waitedNanos()).isEqualTo(TimeUnit.SECONDS.toNanos(3));
    }

    @Test
    void with_no_number_free_a_cpu_is_not_waited_for() throws Exception {
        kernel.file(CPU + "/possible", "0-2");
        assertThat(add(2)).isEqualTo(new Answer.Refused(-22));
        assertThat(kernel.waitedNanos()).isZero();
    }

    @Test
    void the_kernels_own_errno_is_the_result() throws Exception {
        kernel.fails(CPU + "/cpu1/online", -12);
        assertThat(add(1)).isEqualTo(new Answer.Refused(-12));
        kernel.goes(1, true);
        kernel.fails(CPU + "/cpu1/online", -16);
        assertThat(del(1)).isEqualTo(new Answer.Refused(-16));
        assertThat(agent.lookout().look().cpu(1)).as("still in use").hasValue(new Snapshot.Cpu(1, 1, true, true));
    }

    @Test
    void a_cpu_that_turns_out_to_be_another_is_taken_offline_again() throws Exception {
        kernel.reallyHas(1, 77);
        assertThat(add(1)).isEqualTo(new Answer.Refused(-5));
        assertThat(kernel.written).containsExactly(CPU + "/cpu1/online=1", CPU + "/cpu1/online=0");
        assertThat(kernel.notes).containsExactly("CPU 1 was started as APIC id 1, found it is 77; taken offline again");
        assertThat(agent.lookout().look().cpus().get(1)).isEqualTo(new Snapshot.Cpu(1, 77, false, false));
    }

    @Test
    void a_cpu_that_is_not_online_after_its_start_did_not_start() throws Exception {
        kernel.fails(CPU + "/cpu1/online", 0);
        assertThat(add(1)).isEqualTo(new Answer.Refused(-5));
        assertThat(kernel.notes)
                .containsExactly("CPU 1 was started as APIC id 1, found it not online; taken offline again");
    }

    @Test
    void removed_cpus_go_offline_in_the_order_of_the_request_and_can_be_added_again() throws Exception {
        add(1, 3);
        kernel.written.clear();
        assertThat(del(1, 3)).isEqualTo(new Answer.CpuDone(2));
        assertThat(kernel.written).containsExactly(CPU + "/cpu1/online=0", CPU + "/cpu2/online=0");
        assertThat(agent.lookout().look().cpu(3)).hasValue(new Snapshot.Cpu(2, 3, false, false));
        assertThat(add(3)).isEqualTo(new Answer.CpuDone(1));
    }

    @Test
    void as_many_as_are_online_are_not_removed_and_the_load_is_cleared() throws Exception {
        add(1);
        assertThat(del(1, 0)).isEqualTo(new Answer.RefusedCpu(-22, 0));
        assertThat(del(1, 3, 2)).isEqualTo(new Answer.RefusedCpu(-22, 0));
    }

    @Test
    void what_would_crash_a_kernel_service_is_refused_and_nothing_is_removed() throws Exception {
        add(1, 3);
        kernel.written.clear();
        assertThat(del(1, 2)).as("no such CPU").isEqualTo(new Answer.Refused(-22));
        assertThat(del(1, 1)).as("twice").isEqualTo(new Answer.Refused(-22));
        assertThat(del(255)).isEqualTo(new Answer.Refused(-22));
        assertThat(kernel.written).isEmpty();
        del(3);
        assertThat(del(3)).as("removed before").isEqualTo(new Answer.Refused(-22));
    }

    @Test
    void the_boot_cpu_stays_and_those_before_it_are_gone() throws Exception {
        add(1, 3);
        assertThat(del(1, 0)).isEqualTo(new Answer.Refused(-22));
        assertThat(agent.lookout().look().cpus())
                .extracting(Snapshot.Cpu::online)
                .containsExactly(true, false, true);
    }

    @Test
    void one_that_goes_while_others_are_removed_ends_the_batch() throws Exception {
        add(1, 3);
        agent = agent(new AttributeWriter() {
            @Override
            public int write(Path file, String value) {
                try {
                    kernel.vanishes(2);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return kernel.write(file, value);
            }

            @Override
            public boolean real() {
                return true;
            }
        });
        assertThat(del(1, 3)).isEqualTo(new Answer.Refused(-22));
        assertThat(Files.exists(root.resolve(CPU + "/cpu2"))).isFalse();
    }

    @Test
    void a_dry_run_says_what_it_would_write_answers_success_and_changes_nothing() throws Exception {
        kernel.goes(1, true);
        agent = agent(AttributeWriter.dry(kernel.notes::add));
        assertThat(add(3)).isEqualTo(new Answer.CpuDone(1));
        assertThat(del(1)).isEqualTo(new Answer.CpuDone(1));
        assertThat(add(0)).as("checks are made").isEqualTo(new Answer.Refused(-22));
        assertThat(kernel.written).isEmpty();
        assertThat(kernel.notes)
                .containsExactly(
                        "dry run: would write \"1\" to " + root + "/" + CPU + "/cpu2/online",
                        "dry run: would write \"0\" to " + root + "/" + CPU + "/cpu1/online");
        assertThat(agent.lookout().look().cpus())
                .extracting(Snapshot.Cpu::inUse)
                .containsExactly(true, true, false);
    }

    private Agent agent(AttributeWriter writer) throws IOException {
        Sysfs sysfs = new Sysfs(root);
        Firmware firmware = Firmware.read(sysfs, kernel.notes::add);
        Lookout lookout = new Lookout(sysfs, firmware, _ -> {});
        return new Agent(
                lookout,
                new CpuOperations(
                        sysfs, firmware, lookout, writer, kernel.plan().pause(), kernel.notes::add));
    }

    private Answer add(Integer... ids) throws IOException, InterruptedException {
        return agent.cpus().add(Arrays.asList(ids));
    }

    private Answer del(Integer... ids) throws IOException {
        return agent.cpus().del(List.of(ids));
    }
}
