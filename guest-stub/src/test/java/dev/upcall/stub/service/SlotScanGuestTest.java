package dev.upcall.stub.service;

import static dev.upcall.stub.service.BootTableGuestTest.cpus;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.stub.machine.MachineConfig;
import dev.upcall.stub.machine.MachineDump.CpuDump;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// 5.10 and 6.1: the scan over the first N slots and what it does not see (`upcall-wire` §5.4, §6).
@ParameterizedClass
@EnumSource(names = {"KATA_5_10", "KATA_6_1"})
class SlotScanGuestTest {
    @Parameter
    private GuestProfile kernel = GuestProfile.KATA_6_1;

    private VirtualGuest guest = new VirtualGuest(MachineConfig.of(GuestProfile.KATA_6_1, 1));
    private VirtualGuest.Peer peer = guest.connect();

    @BeforeEach
    void boot() {
        guest = new VirtualGuest(MachineConfig.of(kernel, 4).withVcpus(0, 1, 2, 3, 9));
        peer = guest.connect();
    }

    @Test
    void removing_in_ascending_order_dies_with_the_lock() {
        peer.ask(RequestBytes.addCpu(1, 2, 3));
        assertThat(peer.ask(RequestBytes.delCpu(2, 3))).isEmpty();
        assertThat(guest.machine().onlineCpus()).isEqualTo(cpus(0, 1, 3));
        assertThat(guest.machine().dump().lockLost()).isTrue();
    }

    @Test
    void removing_in_descending_order_works() {
        peer.ask(RequestBytes.addCpu(1, 2, 3));
        assertThat(peer.ask(RequestBytes.delCpu(3, 2))).isEqualTo(ReplyText.of(2, 0, 2, 4));
    }

    @Test
    void removing_from_the_middle_hides_the_last_slot() {
        peer.ask(RequestBytes.addCpu(1, 2, 3));
        assertThat(peer.ask(RequestBytes.delCpu(1))).isEqualTo(ReplyText.of(2, 0, 1, 4));
        assertThat(peer.ask(RequestBytes.addCpu(3))).isEqualTo(ReplyText.of(1, -17, 1, 0));
        assertThat(guest.machine().onlineCpus()).isEqualTo(cpus(0, 2, 3));
        assertThat(guest.machine().presentCpus()).isEqualTo(cpus(0, 2));
        assertThat(peer.ask(RequestBytes.delCpu(3))).isEmpty();
        assertThat(guest.machine().dump().lockLost()).isFalse();
    }

    @Test
    void an_id_keeps_the_slot_of_its_first_try_even_when_that_failed() {
        guest.machine().vmm().removeVcpus(List.of(9));
        peer.write(RequestBytes.addCpu(9));
        guest.pass(Duration.ofSeconds(10));
        assertThat(peer.takeReply()).isEqualTo(ReplyText.of(1, -5, 0, 0));
        assertThat(peer.ask(RequestBytes.addCpu(2))).isEqualTo(ReplyText.of(1, 0, 1, 4));
        assertThat(guest.machine().dump().cpus().stream().map(CpuDump::apicId)).containsExactly(0, 9, 2, -1);
    }

    @Test
    void slots_run_out_for_ever() {
        guest.machine().vmm().removeVcpus(List.of(9));
        for (int id : new int[] {9, 8, 7}) {
            peer.write(RequestBytes.addCpu(id));
            guest.pass(Duration.ofSeconds(10));
            assertThat(peer.takeReply()).isEqualTo(ReplyText.of(1, -5, 0, 0));
        }
        assertThat(peer.ask(RequestBytes.addCpu(1))).isEqualTo(ReplyText.of(1, -22, 0, 0));
    }

    @Test
    void id_255_fails_after_two_and_a_half_seconds() {
        assertThat(peer.ask(RequestBytes.addCpu(255))).isEmpty();
        guest.pass(Duration.ofMillis(2_499));
        assertThat(peer.takeReply()).isEmpty();
        guest.pass(Duration.ofMillis(1));
        assertThat(peer.takeReply()).isEqualTo(ReplyText.of(1, -22, 0, 0));
    }

    @Test
    void the_same_id_twice_is_minus_17_with_a_slot_to_spare_and_minus_22_when_full() {
        assertThat(peer.ask(RequestBytes.addCpu(1, 1))).isEqualTo(ReplyText.of(1, -17, 0, 0));
        assertThat(peer.ask(RequestBytes.addCpu(2, 3, 3))).isEqualTo(ReplyText.of(1, -22, 0, 0));
    }

    @Test
    void the_limit_of_del_counts_present_cpus() {
        peer.ask(RequestBytes.addCpu(1, 2));
        guest.machine().sysfsCpu(1, false, guest.now());
        guest.machine().sysfsCpu(2, false, guest.now());
        assertThat(peer.ask(RequestBytes.delCpu(1))).isEqualTo(ReplyText.of(2, 1, 2, 0));
    }

    @Test
    void the_same_id_twice_in_one_del_removes_it_and_dies_with_the_lock() {
        peer.ask(RequestBytes.addCpu(1, 2, 3));
        assertThat(peer.ask(RequestBytes.delCpu(3, 3))).isEmpty();
        assertThat(guest.machine().presentCpus()).isEqualTo(cpus(0, 1, 2));
        assertThat(guest.machine().dump().lockLost()).isTrue();
    }
}
