package dev.upcall.proto.guest;

import static dev.upcall.proto.guest.Cpus.ids;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.guest.Repetition.Reading;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Request;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RepetitionTest {

    private static final MmioDevice DEVICE = MmioDevice.of(0xd0000000L, 0x1000, 6);
    private static final Request ADD_MMIO = new Request.AddMmio(DEVICE);
    private static final Request DEL_MMIO = new Request.DelMmio(DEVICE);
    private static final Request ADD_PCI = new Request.AddPci(PciFunction.parse("00:03.0"));
    private static final Request DEL_PCI = new Request.DelPci(PciFunction.parse("00:03.0"));

    @Test
    void a_cpu_request_is_never_repeated_without_an_oracle() {
        assertThat(Repetition.of(new Request.AddCpu(ids(1)))).isEqualTo(Repetition.NEVER);
        assertThat(Repetition.of(new Request.DelCpu(ids(1)))).isEqualTo(Repetition.NEVER);
        assertThat(Repetition.of(new Request.AddCpuCount(1))).isEqualTo(Repetition.NEVER);
        assertThat(Repetition.of(new Request.DelCpuCount(1))).isEqualTo(Repetition.NEVER);
    }

    @Test
    void mmio_is_repeated_only_when_the_first_copy_cannot_wait_for_the_lock_any_more() {
        assertThat(Repetition.of(ADD_MMIO)).isEqualTo(Repetition.AFTER_HOLD_OFF);
        assertThat(Repetition.of(DEL_MMIO)).isEqualTo(Repetition.AFTER_HOLD_OFF);
        assertThat(Repetition.HOLD_OFF).isEqualTo(Duration.ofSeconds(25));
    }

    @Test
    void pci_is_looked_up_under_its_lock_and_repeated_at_once() {
        assertThat(Repetition.of(ADD_PCI)).isEqualTo(Repetition.AT_ONCE);
        assertThat(Repetition.of(DEL_PCI)).isEqualTo(Repetition.AT_ONCE);
    }

    @Test
    void a_second_addition_that_finds_its_window_taken_is_probably_done_and_not_proven() {
        assertThat(Repetition.read(ADD_MMIO, -17)).isEqualTo(Reading.PROBABLY_DONE);
        assertThat(Repetition.read(ADD_MMIO, 0)).isEqualTo(Reading.PLAIN);
        assertThat(Repetition.read(ADD_MMIO, -16)).isEqualTo(Reading.PLAIN);
    }

    @Test
    void a_second_removal_that_finds_nothing_means_absent() {
        assertThat(Repetition.read(DEL_MMIO, -19)).isEqualTo(Reading.ABSENT);
        assertThat(Repetition.read(DEL_PCI, -19)).isEqualTo(Reading.ABSENT);
        assertThat(Repetition.read(DEL_PCI, 0)).isEqualTo(Reading.PLAIN);
        assertThat(Repetition.read(ADD_PCI, -19)).isEqualTo(Reading.PLAIN);
    }
}
