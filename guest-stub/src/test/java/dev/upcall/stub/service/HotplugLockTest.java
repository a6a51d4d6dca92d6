package dev.upcall.stub.service;

import static dev.upcall.stub.service.BootTableGuestTest.cpus;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.stub.machine.MachineConfig;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// Operations of several connections and the one lock between them (`upcall-wire` §1, §5.4, §5.7).
@ParameterizedClass
@EnumSource(names = {"KATA_6_1", "KATA_6_12"})
class HotplugLockTest {
    private static final byte[] MMIO = RequestBytes.addMmio(0xd0000000L, 0x1000, 6);

    @Parameter
    private GuestProfile kernel = GuestProfile.KATA_6_1;

    private VirtualGuest guest = new VirtualGuest(MachineConfig.of(GuestProfile.KATA_6_1, 1));
    private VirtualGuest.Peer first = guest.connect();
    private VirtualGuest.Peer second = guest.connect();

    /// vCPUs 0, 1 and 4 exist; 2 and 3 do not.
    @BeforeEach
    void boot() {
        guest = new VirtualGuest(MachineConfig.of(kernel, 5)
                .withVcpus(0, 1, 4)
                .withPci(List.of(PciFunction.parse("00:01.0")), Optional.empty()));
        first = guest.connect();
        second = guest.connect();
    }

    @Test
    void add_mmio_waits_behind_a_failing_add_cpu() {
        first.write(RequestBytes.addCpu(2));
        guest.pass(Duration.ofSeconds(1));
        assertThat(second.ask(MMIO)).isEmpty();
        guest.pass(Duration.ofMillis(8_999));
        assertThat(second.takeReply()).isEmpty();
        guest.pass(Duration.ofMillis(1));
        assertThat(first.takeReply()).isEqualTo(ReplyText.of(1, -5, 0, 0));
        assertThat(second.takeReply()).isEqualTo(ReplyText.of(5, 0, 0, 0));
    }

    @Test
    void what_the_checks_refuse_and_pci_and_hello_do_not_wait() {
        first.write(RequestBytes.addCpu(2));
        assertThat(second.ask(RequestBytes.addMmio(0xd0000000L, 0x1000, 0))).isEqualTo(ReplyText.of(5, -22, 0, 0));
        assertThat(second.ask(RequestBytes.addCpu(0))).isEqualTo(ReplyText.of(1, -22, 0, 0));
        assertThat(guest.connect().ask(RequestBytes.addPci(0, 8))).isEqualTo(ReplyText.of(7, 0, 0, 0));
    }

    @Test
    void an_id_counts_as_in_use_while_it_is_being_added() {
        first.write(RequestBytes.addCpu(2));
        assertThat(second.ask(RequestBytes.addCpu(2))).isEqualTo(ReplyText.of(1, -22, 0, 0));
    }

    @Test
    void a_waiter_comes_in_between_two_cpus_of_one_request() {
        first.write(RequestBytes.addCpu(2));
        second.write(RequestBytes.addCpu(1, 3));
        VirtualGuest.Peer third = guest.connect();
        third.write(MMIO);
        guest.pass(Duration.ofSeconds(10));
        assertThat(third.takeReply()).isEqualTo(ReplyText.of(5, 0, 0, 0));
        assertThat(second.takeReply()).isEmpty();
        guest.pass(Duration.ofSeconds(10));
        assertThat(second.takeReply()).isEqualTo(ReplyText.of(1, -5, 0, 0));
        assertThat(guest.machine().onlineCpus().cardinality()).isEqualTo(2);
    }

    @Test
    void closing_a_connection_does_not_stop_what_runs_on_it() {
        first.write(RequestBytes.addCpu(2));
        guest.pass(Duration.ofSeconds(1));
        first.close();
        second.write(MMIO);
        guest.pass(Duration.ofMillis(8_999));
        assertThat(second.takeReply()).isEmpty();
        guest.pass(Duration.ofMillis(1));
        assertThat(second.takeReply()).isEqualTo(ReplyText.of(5, 0, 0, 0));
    }

    @Test
    void a_request_of_a_closed_connection_that_waits_is_run_when_its_turn_comes() {
        first.write(RequestBytes.addCpu(2));
        second.write(RequestBytes.addCpu(1));
        second.close();
        assertThat(guest.machine().onlineCpus()).isEqualTo(cpus(0));
        guest.pass(Duration.ofSeconds(10));
        assertThat(guest.machine().onlineCpus().cardinality()).isEqualTo(2);
    }

    @Test
    void add_mmio_repeated_while_the_first_copy_waits_registers_twice() {
        first.write(RequestBytes.addCpu(2));
        second.write(MMIO);
        VirtualGuest.Peer third = guest.connect();
        third.write(MMIO);
        guest.pass(Duration.ofSeconds(10));
        assertThat(second.takeReply()).isEqualTo(ReplyText.of(5, 0, 0, 0));
        assertThat(third.takeReply()).isEqualTo(ReplyText.of(5, 0, 0, 0));
        assertThat(guest.machine().dump().mmio()).hasSize(2);
    }

    @Test
    void add_cpu_repeated_while_the_first_copy_waits_loses_the_cpu() {
        first.write(RequestBytes.addCpu(2));
        second.write(RequestBytes.addCpu(1));
        VirtualGuest.Peer third = guest.connect();
        third.write(RequestBytes.addCpu(1));
        guest.pass(Duration.ofSeconds(10));
        assertThat(second.takeReply()).isEqualTo(ReplyText.of(1, 0, 1, 4));
        assertThat(third.takeReply()).isEqualTo(ReplyText.of(1, -17, 0, 0));
        assertThat(guest.machine().onlineCpus().cardinality()).isEqualTo(2);
        assertThat(guest.machine().presentCpus().cardinality()).isEqualTo(1);
    }

    @Test
    void del_mmio_repeated_while_the_first_copy_waits_takes_the_lock_along() {
        first.ask(MMIO);
        first.write(RequestBytes.addCpu(2));
        second.write(RequestBytes.delMmio(0xd0000000L, 0x1000, 6));
        VirtualGuest.Peer third = guest.connect();
        third.write(RequestBytes.delMmio(0xd0000000L, 0x1000, 6));
        guest.pass(Duration.ofSeconds(10));
        assertThat(second.takeReply()).isEqualTo(ReplyText.of(6, 0, 0, 0));
        assertThat(third.takeReply()).isEmpty();
        assertThat(guest.machine().dump().lockLost()).isTrue();
    }

    @Test
    void after_the_lock_is_lost_what_needs_it_hangs_and_the_rest_answers() {
        first.ask(RequestBytes.addCpu(1, 4));
        assertThat(first.ask(RequestBytes.delCpu(4, 4))).isEmpty();
        assertThat(guest.machine().dump().lockLost()).isTrue();
        assertThat(guest.connect().ask(MMIO)).isEmpty();
        assertThat(guest.connect().ask(RequestBytes.addCpu(4))).isEmpty();
        assertThat(guest.connect().ask(RequestBytes.addCpu(1))).isEqualTo(ReplyText.of(1, -22, 0, 0));
        assertThat(guest.connect().ask(RequestBytes.delCpu(0))).isEqualTo(ReplyText.of(2, -22, 0, 0));
        assertThat(guest.connect().ask(RequestBytes.delCpu(1))).isEmpty();
        assertThat(guest.connect().ask(RequestBytes.delMmio(1, 1, 1))).isEqualTo(ReplyText.of(6, -19, 0, 0));
        assertThat(guest.connect().ask(RequestBytes.addPci(0, 8))).isEqualTo(ReplyText.of(7, 0, 0, 0));
        assertThat(guest.connect().ask(RequestBytes.cpu(1, 0))).isEqualTo(ReplyText.of(1, 0, 0, 4));
        guest.pass(Duration.ofDays(1));
        assertThat(guest.server().wakeAt()).isEmpty();
    }

    @Test
    void the_guest_cannot_use_its_sysfs_while_the_lock_is_held() {
        first.ask(RequestBytes.addCpu(1));
        first.write(RequestBytes.addCpu(2));
        assertThat(guest.machine().sysfsCpu(1, false, guest.now()))
                .contains("the hotplug lock is held, the write would wait");
        guest.pass(Duration.ofSeconds(10));
        assertThat(guest.machine().sysfsCpu(1, false, guest.now())).isEmpty();
    }

    @Test
    void a_reboot_makes_the_lock_whole_and_forgets_what_ran() {
        first.ask(RequestBytes.addCpu(1, 4));
        first.write(RequestBytes.delCpu(4, 4));
        guest.server().reboot(guest.now());
        guest.settle();
        assertThat(first.ended).isEqualTo("reset: guest rebooted");
        assertThat(guest.machine().onlineCpus()).isEqualTo(cpus(0));
        assertThat(guest.connect().ask(MMIO)).isEqualTo(ReplyText.of(5, 0, 0, 0));
    }
}
