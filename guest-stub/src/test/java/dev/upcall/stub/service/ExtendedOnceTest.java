package dev.upcall.stub.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.ExecuteOnce;
import dev.upcall.proto.extension.Handshake;
import dev.upcall.proto.extension.OnceReply;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Reply;
import dev.upcall.proto.message.Request;
import dev.upcall.stub.machine.MachineConfig;
import dev.upcall.stub.observe.ServerDump;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/// "Extended guests" §5 on the machine: once, and without 5.1, 5.2 and 5.4 of `upcall-wire`.
class ExtendedOnceTest {
    private static final MachineConfig SIX_TWELVE = MachineConfig.of(GuestProfile.KATA_6_12, 8);
    private static final MmioDevice DEVICE = MmioDevice.of(0xd000_0000L, 0x1000, 6);

    private VirtualGuest guest = VirtualGuest.extended(SIX_TWELVE);
    private ExtendedHost host = ExtendedHost.opened(guest);

    @Test
    void s5_a_repeat_on_the_next_connection_is_answered_from_the_table_and_not_executed() {
        host.once(1, add(3));
        host.peer.close();
        ExtendedHost again = ExtendedHost.opened(guest);
        again.once(1, add(3));
        assertThat(again.reply()).isEqualTo(new OnceReply(1, true, done(1)));
        assertThat(guest.server().dump().executions())
                .containsExactly(new ServerDump.ExecutionDump("ADD_CPU", 0, 1, 1));
    }

    @Test
    void s5_a_repeat_while_the_first_runs_waits_for_it() {
        guest.machine().vmm().removeVcpus(List.of(5));
        host.once(1, add(5));
        host.peer.close();
        ExtendedHost again = ExtendedHost.opened(guest);
        again.once(1, add(5));
        assertThat(again.hearAll()).isEmpty();
        assertThat(guest.server()
                        .dump()
                        .agent()
                        .orElseThrow()
                        .clients()
                        .getFirst()
                        .onceRunning())
                .isEqualTo(1);
        guest.pass(Duration.ofSeconds(10));
        assertThat(again.reply()).isEqualTo(new OnceReply(1, true, new Reply.Answer(-5, OptionalInt.empty())));
        assertThat(guest.server().dump().executions())
                .containsExactly(new ServerDump.ExecutionDump("ADD_CPU", 0, 1, 0));
    }

    @Test
    void s1_a_second_request_waits_for_the_first_ones_answer_and_a_notification_does_not() {
        guest.machine().vmm().removeVcpus(List.of(5));
        host.once(1, add(5));
        guest.server().userEvent(Bytes.utf8("meanwhile"), guest.now());
        guest.settle();
        host.acknowledge(host.events().getFirst());
        assertThat(guest.server().dump().agent().orElseThrow().acknowledged()).isEqualTo(1);
        host.say(new Handshake.Probe(2));
        assertThat(host.hearAll()).isEmpty();
        guest.pass(Duration.ofSeconds(10));
        assertThat(host.hearAll())
                .hasSize(2)
                .satisfies(all -> assertThat(all.getFirst()).isInstanceOf(OnceReply.class));
    }

    @Test
    void s5_the_same_id_with_other_content_is_einval_and_another_clients_epoch_eproto() {
        assertThat(host.result(1, add(3))).isZero();
        host.once(1, add(4));
        assertThat(host.refused()).isEqualTo(-22);
        host.say(ExecuteOnce.of(new Epoch(7), 2, 0, add(4)));
        assertThat(host.refused()).isEqualTo(-71);
        assertThat(guest.machine().onlineCpus().cardinality()).isEqualTo(2);
    }

    @Test
    void s5_the_last_256_outcomes_are_kept_and_the_one_before_is_estale() {
        for (int id = 1; id <= 257; id++) {
            host.result(id, id % 2 == 1 ? add(3) : del(3));
        }
        host.once(1, add(3));
        assertThat(host.refused()).isEqualTo(-116);
        host.once(2, del(3));
        assertThat(host.reply().replayed()).isTrue();
        assertThat(guest.server()
                        .dump()
                        .agent()
                        .orElseThrow()
                        .clients()
                        .getFirst()
                        .onceKept())
                .isEqualTo(256);
    }

    @Test
    void s5_without_5_1_a_pci_success_behind_an_error_is_a_success() {
        guest.machine().vmm().addPci(List.of(PciFunction.parse("00:04.0")));
        assertThat(host.result(1, del(7))).isEqualTo(-22);
        assertThat(host.result(2, new Request.AddPci(PciFunction.parse("00:04.0"))))
                .isZero();
        assertThat(host.result(3, new Request.DelPci(PciFunction.parse("00:04.0"))))
                .isZero();
        assertThat(host.peer.ask(RequestBytes.ofType(3))).isEqualTo(ReplyText.of(3, -1, 0, 0));
        host.peer.write(RequestBytes.addPci(0, 4 << 3));
        assertThat(host.told(guest))
                .as("a plain request keeps the quirk")
                .containsExactly("DEVICE_ADDED pci:00:04.0", ReplyText.of(7, -1, 0, 0));
    }

    @Test
    void s5_without_5_2_only_a_successful_cpu_operation_has_a_word() {
        host.once(1, add(2));
        assertThat(host.reply().answer()).isEqualTo(done(1));
        host.once(2, new Request.AddMmio(DEVICE));
        assertThat(host.reply().answer()).isEqualTo(new Reply.Answer(0, OptionalInt.empty()));
        host.once(3, new Request.DelCpu(List.of(new ApicId(2), new ApicId(0))));
        assertThat(host.reply().answer()).isEqualTo(new Reply.Answer(-22, OptionalInt.empty()));
    }

    @Test
    void s5_without_5_4_what_would_crash_a_stock_kernel_is_einval_and_changes_nothing() {
        assertThat(host.result(1, add(1, 2, 3))).isZero();
        assertThat(host.result(2, del(7))).as("an absent id").isEqualTo(-22);
        assertThat(host.raw(3, 2, 2, 0x14, 3, 3)).as("an id twice").isEqualTo(-22);
        assertThat(guest.machine().onlineCpus().cardinality()).isEqualTo(4);
        assertThat(guest.machine().dump().lockLost()).isFalse();
        assertThat(host.result(4, new Request.AddMmio(DEVICE)))
                .as("the lock is free")
                .isZero();
    }

    @Test
    void s5_without_5_4_an_id_twice_in_one_add_is_eexist_and_the_cpu_stays_visible() {
        assertThat(host.raw(1, 1, 2, 0x14, 3, 3)).isEqualTo(-17);
        assertThat(host.result(2, add(3))).as("it is in use").isEqualTo(-22);
        assertThat(host.result(3, add(4))).isZero();
        assertThat(host.result(4, del(3))).isZero();
    }

    @Test
    void s5_without_5_4_a_6_1_guest_removes_in_any_order_and_hides_nothing() {
        boot(MachineConfig.of(GuestProfile.KATA_6_1, 4));
        assertThat(host.result(1, add(1, 2, 3))).isZero();
        assertThat(host.result(2, del(1))).isZero();
        assertThat(host.result(3, add(3))).as("3 is in the last slot and seen").isEqualTo(-22);
        assertThat(host.result(4, add(1))).isZero();
        assertThat(host.result(5, del(2, 3))).as("ascending").isZero();
        assertThat(guest.machine().dump().lockLost()).isFalse();
    }

    @Test
    void s5_the_quirks_stay_for_plain_requests_on_an_opened_connection() {
        assertThat(host.result(1, add(2))).isZero();
        host.peer.write(RequestBytes.delCpu(7));
        assertThat(guest.server().dump().connections().getFirst().stage()).isEqualTo("CRASHED");
        host.once(2, add(1));
        assertThat(host.hearAll()).isEmpty();
        host.peer.close();
        assertThat(guest.server().dump().connections()).isEmpty();
        assertThat(ExtendedHost.opened(guest).result(3, add(1))).isZero();
    }

    @Test
    void s5_two_clients_that_add_the_same_window_at_once_register_it_once() {
        guest.machine().vmm().removeVcpus(List.of(5));
        host.once(1, add(5));
        ExtendedHost second = ExtendedHost.opened(guest, new Epoch(2));
        ExtendedHost third = ExtendedHost.opened(guest, new Epoch(3));
        second.once(1, new Request.AddMmio(DEVICE));
        third.once(1, new Request.AddMmio(DEVICE));
        guest.pass(Duration.ofSeconds(10));
        assertThat(second.reply().result()).isZero();
        assertThat(third.reply().result()).isEqualTo(-17);
        assertThat(guest.machine().contents().mmio()).containsExactly(DEVICE);
    }

    @Test
    void s5_two_clients_that_remove_the_same_cpu_or_window_at_once_crash_nothing() {
        assertThat(host.result(1, add(1, 2))).isZero();
        assertThat(host.result(2, new Request.AddMmio(DEVICE))).isZero();
        guest.machine().vmm().removeVcpus(List.of(5));
        host.once(3, add(5));
        ExtendedHost[] others = new ExtendedHost[4];
        for (int i = 0; i < others.length; i++) {
            others[i] = ExtendedHost.opened(guest, new Epoch(i + 2));
            others[i].once(1, i < 2 ? del(2) : new Request.DelMmio(DEVICE));
        }
        guest.pass(Duration.ofSeconds(10));
        assertThat(List.of(others)).extracting(o -> o.reply().result()).containsExactly(0, -22, 0, -22);
        assertThat(guest.machine().dump().lockLost()).isFalse();
    }

    @Test
    void s5_arm64_past_the_last_cpu_is_einval_and_adds_nothing() {
        boot(MachineConfig.of(GuestProfile.KATA_ARM64, 4));
        assertThat(host.result(1, new Request.AddCpuCount(4))).isEqualTo(-22);
        assertThat(host.result(2, new Request.AddCpuCount(3))).isZero();
        assertThat(guest.machine().onlineCpus().cardinality()).isEqualTo(4);
    }

    @Test
    void s5_a_type_without_a_handler_is_eperm_and_a_wrong_mmio_size_einval_both_recorded() {
        assertThat(host.raw(1, 3)).isEqualTo(-1);
        assertThat(host.raw(2, 5, 1, 2, 3)).isEqualTo(-22);
        host.say(new ExecuteOnce(ExtendedHost.CLIENT, 1, 0, 3, Bytes.EMPTY));
        assertThat(host.reply().replayed()).isTrue();
        assertThat(guest.server().dump().executions()).isEmpty();
    }

    @Test
    void s5_what_a_client_leaves_behind_is_bounded() {
        guest.machine().vmm().removeVcpus(List.of(5));
        int id = 0;
        int result = 0;
        while (result == 0 && id < 2 * UpcallServer.CONNECTIONS_MAX) {
            ExtendedHost next = id == 0 ? host : ExtendedHost.opened(guest);
            next.once(++id, id == 1 ? add(5) : new Request.AddMmio(MmioDevice.of(id * 0x1000L, 0x1000, 5)));
            result = next.hearAll().stream()
                    .mapToInt(m -> ((OnceReply) m).result())
                    .sum();
            next.peer.close();
        }
        assertThat(result).isEqualTo(-11);
        assertThat(id).isEqualTo(UpcallServer.CONNECTIONS_MAX + 1);
    }

    private void boot(MachineConfig config) {
        guest = VirtualGuest.extended(config);
        host = ExtendedHost.opened(guest);
    }

    private static Request add(int... ids) {
        return new Request.AddCpu(ids(ids));
    }

    private static Request del(int... ids) {
        return new Request.DelCpu(ids(ids));
    }

    private static List<ApicId> ids(int... ids) {
        return Arrays.stream(ids).mapToObj(ApicId::new).toList();
    }

    private static Reply.Answer done(int word) {
        return new Reply.Answer(0, OptionalInt.of(word));
    }
}
