package dev.upcall.stub.service;

import static dev.upcall.stub.service.BootTableGuestTest.cpus;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.stub.machine.MachineConfig;
import org.junit.jupiter.api.Test;

/// arm64: counts instead of ids, and a load word that is always written.
class ArmGuestTest {
    private final VirtualGuest guest = new VirtualGuest(MachineConfig.of(GuestProfile.KATA_ARM64, 4));
    private final VirtualGuest.Peer peer = guest.connect();

    @Test
    void add_brings_up_the_next_ones_and_says_the_first_id_behind_them() {
        assertThat(peer.ask(RequestBytes.armCpu(1, 2))).isEqualTo(ReplyText.of(1, 0, 3, 4));
        assertThat(guest.machine().onlineCpus()).isEqualTo(cpus(0, 1, 2));
    }

    @Test
    void del_takes_the_highest_down_and_says_how_many_are_left() {
        peer.ask(RequestBytes.armCpu(1, 3));
        assertThat(peer.ask(RequestBytes.armCpu(2, 2))).isEqualTo(ReplyText.of(2, 0, 2, 4));
        assertThat(guest.machine().onlineCpus()).isEqualTo(cpus(0, 1));
        assertThat(guest.machine().presentCpus()).isEqualTo(cpus(0, 1, 2, 3));
    }

    @Test
    void del_of_all_is_refused_with_a_load_of_0() {
        peer.ask(RequestBytes.armCpu(1, 1));
        assertThat(peer.ask(RequestBytes.armCpu(2, 2))).isEqualTo(ReplyText.of(2, -22, 0, 0));
    }

    @Test
    void a_hole_makes_add_hit_a_cpu_that_is_online_and_the_load_says_which() {
        peer.ask(RequestBytes.armCpu(1, 2));
        assertThat(guest.machine().sysfsCpu(1, false, guest.now())).isEmpty();
        assertThat(peer.ask(RequestBytes.armCpu(1, 1))).isEqualTo(ReplyText.of(1, 1, 2, 0));
    }

    @Test
    void a_hole_makes_del_hit_a_cpu_that_is_offline() {
        peer.ask(RequestBytes.armCpu(1, 2));
        guest.machine().sysfsCpu(1, false, guest.now());
        assertThat(peer.ask(RequestBytes.armCpu(2, 1))).isEqualTo(ReplyText.of(2, 1, 2, 0));
    }

    @Test
    void add_past_the_last_possible_cpu_dies_with_the_lock() {
        assertThat(peer.ask(RequestBytes.armCpu(1, 4))).isEmpty();
        assertThat(guest.machine().onlineCpus()).isEqualTo(cpus(0, 1, 2, 3));
        assertThat(guest.machine().dump().lockLost()).isTrue();
    }

    @Test
    void count_0_succeeds_and_says_how_many_are_online() {
        assertThat(peer.ask(RequestBytes.armCpu(1, 0))).isEqualTo(ReplyText.of(1, 0, 1, 4));
        assertThat(peer.ask(RequestBytes.armCpu(2, 0))).isEqualTo(ReplyText.of(2, 0, 1, 4));
    }
}
