package dev.upcall.stub.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.stub.machine.MachineConfig;
import dev.upcall.stub.machine.MachineDump.CpuDump;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/// 6.12 and 6.18: what `upcall-6.12.md` says and the captures do not show.
class BootTableGuestTest {
    private final MachineConfig four = MachineConfig.of(GuestProfile.KATA_6_12, 4);
    private final VirtualGuest guest = new VirtualGuest(four);
    private final VirtualGuest.Peer peer = guest.connect();

    @Test
    void numbers_are_boot_cpu_enabled_in_table_order_disabled_by_id() {
        VirtualGuest odd = new VirtualGuest(four.withCpuTable(0, 2, 3, 1).withBootCpus(0, 2));
        assertThat(odd.machine().dump().cpus().stream().map(CpuDump::apicId)).containsExactly(0, 2, 1, 3);
        assertThat(odd.machine().onlineCpus()).isEqualTo(cpus(0, 1));
    }

    @Test
    void the_table_is_cut_at_possible_cpus() {
        VirtualGuest two = new VirtualGuest(MachineConfig.of(GuestProfile.KATA_6_18, 2)
                .withCpuTable(0, 7, 5)
                .withVcpus(0, 5, 7));
        assertThat(two.machine().dump().cpus().stream().map(CpuDump::apicId)).containsExactly(0, 5);
        assertThat(two.connect().ask(RequestBytes.addCpu(7))).isEqualTo(ReplyText.of(1, -22, 0, 0));
    }

    @Test
    void an_id_that_the_table_does_not_list_is_refused_at_once_and_what_came_before_stays() {
        assertThat(peer.ask(RequestBytes.addCpu(3, 77))).isEqualTo(ReplyText.of(1, -22, 0, 0));
        assertThat(guest.machine().onlineCpus()).isEqualTo(cpus(0, 3));
    }

    @Test
    void id_255_is_as_unknown_as_any() {
        assertThat(peer.ask(RequestBytes.addCpu(255))).isEqualTo(ReplyText.of(1, -22, 0, 0));
    }

    @Test
    void removing_a_list_with_the_boot_cpu_behind_removes_what_stands_before_it() {
        peer.ask(RequestBytes.addCpu(1, 2, 3));
        assertThat(peer.ask(RequestBytes.delCpu(3, 0))).isEqualTo(ReplyText.of(2, -22, 3, 0));
        assertThat(guest.machine().onlineCpus()).isEqualTo(cpus(0, 1, 2));
        assertThat(peer.ask(RequestBytes.delCpu(0, 2))).isEqualTo(ReplyText.of(2, -22, 3, 0));
        assertThat(guest.machine().onlineCpus()).isEqualTo(cpus(0, 1, 2));
    }

    @Test
    void a_cpu_that_the_guest_took_offline_is_plus_one_and_stays() {
        peer.ask(RequestBytes.addCpu(1, 2, 3));
        assertThat(guest.machine().sysfsCpu(1, false, guest.now())).isEmpty();
        assertThat(peer.ask(RequestBytes.delCpu(3, 1))).isEqualTo(ReplyText.of(2, 1, 3, 0));
        assertThat(guest.machine().presentCpus()).isEqualTo(cpus(0, 1, 2));
    }

    @Test
    void the_limit_of_del_counts_online_cpus() {
        peer.ask(RequestBytes.addCpu(1, 2));
        guest.machine().sysfsCpu(1, false, guest.now());
        guest.machine().sysfsCpu(2, false, guest.now());
        assertThat(peer.ask(RequestBytes.delCpu(1))).isEqualTo(ReplyText.of(2, -22, 0, 0));
    }

    @Test
    void the_same_id_twice_in_one_add_hides_the_cpu() {
        assertThat(peer.ask(RequestBytes.addCpu(3, 3))).isEqualTo(ReplyText.of(1, -17, 0, 0));
        assertThat(guest.machine().presentCpus()).isEqualTo(cpus(0));
        assertThat(guest.machine().onlineCpus()).isEqualTo(cpus(0, 3));
        assertThat(peer.ask(RequestBytes.addCpu(3))).isEqualTo(ReplyText.of(1, -17, 0, 0));
        assertThat(peer.ask(RequestBytes.delCpu(3))).isEmpty();
        assertThat(guest.machine().dump().lockLost()).isFalse();
    }

    @Test
    void the_same_id_twice_in_one_del_removes_it_and_dies_with_the_lock() {
        peer.ask(RequestBytes.addCpu(1, 2, 3));
        assertThat(peer.ask(RequestBytes.delCpu(2, 2))).isEmpty();
        assertThat(guest.machine().onlineCpus()).isEqualTo(cpus(0, 1, 3));
        assertThat(guest.machine().dump().lockLost()).isTrue();
    }

    @Test
    void deleting_an_unknown_id_kills_the_connection_and_nothing_else() {
        peer.ask(RequestBytes.addCpu(1, 2));
        assertThat(peer.ask(RequestBytes.delCpu(2, 77))).isEmpty();
        guest.pass(Duration.ofMinutes(10));
        assertThat(peer.ask(RequestBytes.ofType(3))).isEmpty();
        assertThat(peer.ended).isEmpty();
        assertThat(guest.machine().onlineCpus()).isEqualTo(cpus(0, 1, 2));
        assertThat(guest.connect().ask(RequestBytes.delCpu(2))).isEqualTo(ReplyText.of(2, 0, 1, 4));
    }

    @Test
    void a_listed_id_without_a_vcpu_fails_after_ten_seconds_and_can_be_tried_again() {
        guest.machine().vmm().removeVcpus(List.of(2));
        assertThat(peer.ask(RequestBytes.addCpu(1, 2))).isEmpty();
        assertThat(guest.machine().presentCpus()).isEqualTo(cpus(0, 1, 2));
        guest.pass(Duration.ofMillis(9_999));
        assertThat(peer.takeReply()).isEmpty();
        guest.pass(Duration.ofMillis(1));
        assertThat(peer.takeReply()).isEqualTo(ReplyText.of(1, -5, 0, 0));
        assertThat(guest.machine().presentCpus()).isEqualTo(cpus(0, 1));
        guest.machine().vmm().addVcpus(List.of(2));
        assertThat(peer.ask(RequestBytes.addCpu(2))).isEqualTo(ReplyText.of(1, 0, 1, 4));
    }

    @Test
    void count_0_succeeds() {
        assertThat(peer.ask(RequestBytes.cpu(1, 0))).isEqualTo(ReplyText.of(1, 0, 0, 4));
        assertThat(peer.ask(RequestBytes.cpu(2, 0))).isEqualTo(ReplyText.of(2, 0, 0, 4));
    }

    @Test
    void a_count_beyond_the_ids_reads_zeros_which_are_the_boot_cpu() {
        assertThat(peer.ask(RequestBytes.cpu(1, 2, 3))).isEqualTo(ReplyText.of(1, -22, 0, 0));
        assertThat(guest.machine().onlineCpus()).isEqualTo(cpus(0));
    }

    static BitSet cpus(int... numbers) {
        BitSet set = new BitSet();
        for (int number : numbers) {
            set.set(number);
        }
        return set;
    }
}
