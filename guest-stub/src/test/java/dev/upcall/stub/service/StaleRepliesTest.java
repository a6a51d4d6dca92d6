package dev.upcall.stub.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.stub.machine.MachineConfig;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What an earlier reply leaves in a later one (`upcall-wire` §5.1, §5.2).
class StaleRepliesTest {
    private final VirtualGuest guest = new VirtualGuest(MachineConfig.of(GuestProfile.KATA_6_12, 4)
            .withPci(List.of(PciFunction.parse("00:01.0"), PciFunction.parse("00:04.0")), Optional.empty()));
    private final VirtualGuest.Peer peer = guest.connect();

    @Test
    void a_successful_pci_operation_answers_with_the_old_error() {
        assertThat(peer.ask(RequestBytes.delPci(0, 0x28))).isEqualTo(ReplyText.of(8, -19, 0, 0));
        assertThat(peer.ask(RequestBytes.delPci(0, 0x20))).isEqualTo(ReplyText.of(8, -19, 0, 0));
        assertThat(guest.machine().dump().pciKnown()).containsExactly("00:01.0");
    }

    @Test
    void a_successful_cpu_operation_cleans_the_result() {
        peer.ask(RequestBytes.ofType(99));
        assertThat(peer.ask(RequestBytes.addCpu(1))).isEqualTo(ReplyText.of(1, 0, 1, 4));
        assertThat(peer.ask(RequestBytes.addPci(0, 8))).isEqualTo(ReplyText.of(7, 0, 1, 0));
    }

    @Test
    void a_successful_mmio_operation_cleans_the_result_and_leaves_the_load() {
        peer.ask(RequestBytes.addCpu(1, 2));
        peer.ask(RequestBytes.ofType(3));
        assertThat(peer.ask(RequestBytes.addMmio(0xd0000000L, 0x1000, 6))).isEqualTo(ReplyText.of(5, 0, 2, 0));
    }

    @Test
    void a_wrong_magic_on_a_fresh_connection_looks_like_success() {
        assertThat(peer.ask(RequestBytes.wrongMagic(2))).isEqualTo(ReplyText.of(2, 0, 0, 0));
    }

    @Test
    void a_wrong_magic_repeats_what_was_there() {
        peer.ask(RequestBytes.addCpu(1, 2));
        peer.ask(RequestBytes.addCpu(1));
        assertThat(peer.ask(RequestBytes.wrongMagic(77))).isEqualTo(ReplyText.of(77, -22, 2, 0));
    }

    @Test
    void a_del_of_too_many_zeroes_the_load() {
        peer.ask(RequestBytes.addCpu(1, 2));
        assertThat(peer.ask(RequestBytes.delCpu(0, 1, 2))).isEqualTo(ReplyText.of(2, -22, 0, 0));
    }

    @Test
    void another_connection_knows_nothing_of_it() {
        peer.ask(RequestBytes.ofType(99));
        assertThat(guest.connect().ask(RequestBytes.addPci(0, 8))).isEqualTo(ReplyText.of(7, 0, 0, 0));
    }

    @Test
    void unknown_types_and_memory_are_minus_one() {
        for (int type : new int[] {0, 3, 4, 9, 99, -1}) {
            assertThat(peer.ask(RequestBytes.ofType(type))).isEqualTo(ReplyText.of(type, -1, 0, 0));
        }
    }
}
