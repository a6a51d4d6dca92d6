package dev.upcall.proto.guest;

import static dev.upcall.proto.guest.Cpus.ids;
import static dev.upcall.proto.guest.Cpus.picture;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.guest.Verdict.Safe;
import dev.upcall.proto.guest.Verdict.Unsafe;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.message.Request.AddCpu;
import dev.upcall.proto.message.Request.AddCpuCount;
import dev.upcall.proto.message.Request.AddMmio;
import dev.upcall.proto.message.Request.AddPci;
import dev.upcall.proto.message.Request.DelCpu;
import dev.upcall.proto.message.Request.DelCpuCount;
import dev.upcall.proto.message.Request.DelMmio;
import dev.upcall.proto.message.Request.DelPci;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// One test for every trap of `upcall-wire` 5.3 to 5.8 that a request can walk into.
class SafetyTest {

    private static final Safety OF_6_1 = Safety.of(GuestProfile.KATA_6_1);
    private static final Safety OF_6_12 = Safety.of(GuestProfile.KATA_6_12);
    private static final Safety OF_ARM64 = Safety.of(GuestProfile.KATA_ARM64);
    private static final CpuPicture FOUR = picture(0, 1, 2, 3);
    private static final PciFunction VSOCK = PciFunction.parse("00:02.0");
    private static final MmioDevice DEVICE = MmioDevice.of(0xd0000000L, 0x1000, 6);

    @ParameterizedTest
    @EnumSource(
            value = GuestProfile.class,
            names = {"KATA_5_10", "KATA_6_1", "KATA_6_12", "KATA_6_18"})
    void removing_an_absent_id_crashes_every_x86_guest_and_is_refused(GuestProfile profile) {
        Unsafe verdict = unsafe(Safety.of(profile).judge(new DelCpu(ids(3, 77)), FOUR));

        assertThat(verdict.hazard()).isEqualTo(Hazard.CRASHES_GUEST);
        assertThat(verdict.why()).contains("CPU 77", "0,1,2,3");
    }

    @Test
    void without_a_source_additions_are_possible_and_removals_are_refused() {
        assertThat(OF_6_1.judge(new AddCpu(ids(1)), CpuPicture.BOOT_CPU_ONLY)).isInstanceOf(Safe.class);
        assertThat(unsafe(OF_6_1.judge(new DelCpu(ids(1)), CpuPicture.BOOT_CPU_ONLY))
                        .hazard())
                .isEqualTo(Hazard.CRASHES_GUEST);
    }

    @Test
    void removing_two_ids_on_6_1_is_sent_in_descending_slot_order() {
        assertThat(OF_6_1.judge(new DelCpu(ids(2, 3)), FOUR)).isEqualTo(new Safe(new DelCpu(ids(3, 2))));
        assertThat(OF_6_1.judge(new DelCpu(ids(3, 2)), FOUR)).isEqualTo(new Safe(new DelCpu(ids(3, 2))));
    }

    @Test
    void descending_means_by_slot_and_not_by_id() {
        assertThat(OF_6_1.judge(new DelCpu(ids(1, 2, 3)), picture(0, 3, 1, 2)))
                .isEqualTo(new Safe(new DelCpu(ids(2, 1, 3))));
    }

    @Test
    void removing_an_id_that_would_hide_another_on_6_1_is_refused() {
        Unsafe verdict = unsafe(OF_6_1.judge(new DelCpu(ids(1)), FOUR));

        assertThat(verdict.hazard()).isEqualTo(Hazard.BLINDS_GUEST);
        assertThat(verdict.why()).contains("hide CPU 3");
    }

    @Test
    void removing_a_whole_upper_end_on_6_1_hides_nobody() {
        assertThat(OF_6_1.judge(new DelCpu(ids(1, 3, 2)), FOUR)).isEqualTo(new Safe(new DelCpu(ids(3, 2, 1))));
    }

    @Test
    void removing_a_hidden_id_on_6_1_would_crash_it_and_is_refused() {
        CpuPicture holed = FOUR.afterAnswer(new DelCpu(ids(1)), 0);

        assertThat(unsafe(OF_6_1.judge(new DelCpu(ids(3)), holed)).hazard()).isEqualTo(Hazard.CRASHES_GUEST);
        assertThat(unsafe(OF_6_1.judge(new DelCpu(ids(2, 3)), holed)).hazard()).isEqualTo(Hazard.CRASHES_GUEST);
    }

    @Test
    void a_hidden_id_can_be_removed_on_6_1_once_the_hole_is_filled_again() {
        CpuPicture filled = FOUR.afterAnswer(new DelCpu(ids(1)), 0).afterAnswer(new AddCpu(ids(1)), 0);

        assertThat(OF_6_1.judge(new DelCpu(ids(3)), filled)).isInstanceOf(Safe.class);
    }

    @Test
    void adding_a_hidden_id_on_6_1_would_lose_it_and_is_refused() {
        CpuPicture holed = FOUR.afterAnswer(new DelCpu(ids(1)), 0);

        assertThat(unsafe(OF_6_1.judge(new AddCpu(ids(3)), holed)).hazard()).isEqualTo(Hazard.BLINDS_GUEST);
        assertThat(OF_6_1.judge(new AddCpu(ids(1)), holed)).isInstanceOf(Safe.class);
    }

    @Test
    void adding_a_present_id_on_6_1_is_refused_where_it_may_be_hidden() {
        CpuPicture doubting = FOUR.inDoubtAbout(new DelCpu(ids(1)));

        assertThat(unsafe(OF_6_1.judge(new AddCpu(ids(3)), doubting)).hazard()).isEqualTo(Hazard.IN_DOUBT);
        assertThat(unsafe(OF_6_1.judge(new AddCpu(ids(3)), FOUR.lost())).hazard())
                .isEqualTo(Hazard.PICTURE_STALE);
        assertThat(OF_6_12.judge(new AddCpu(ids(3)), doubting.lost())).isInstanceOf(Safe.class);
    }

    @Test
    void a_slot_used_up_by_a_failed_try_counts_on_6_1() {
        CpuPicture failed = picture(0).afterAnswer(new AddCpu(ids(1)), -5).afterAnswer(new AddCpu(ids(2)), 0);

        assertThat(unsafe(OF_6_1.judge(new DelCpu(ids(2)), failed)).hazard()).isEqualTo(Hazard.CRASHES_GUEST);
        assertThat(OF_6_12.judge(new DelCpu(ids(2)), failed)).isInstanceOf(Safe.class);
    }

    @Test
    void removing_from_the_middle_on_6_12_works_in_any_order() {
        assertThat(OF_6_12.judge(new DelCpu(ids(1)), FOUR)).isEqualTo(new Safe(new DelCpu(ids(1))));
        assertThat(OF_6_12.judge(new DelCpu(ids(1, 3)), FOUR)).isInstanceOf(Safe.class);
    }

    @Test
    void what_the_guest_merely_refuses_is_its_own_answer() {
        assertThat(OF_6_12.judge(new DelCpu(ids(0)), FOUR)).isInstanceOf(Safe.class);
        assertThat(OF_6_12.judge(new AddCpu(ids(2)), FOUR)).isInstanceOf(Safe.class);
        assertThat(OF_6_1.judge(new AddCpu(ids(2)), FOUR)).isInstanceOf(Safe.class);
    }

    @Test
    void an_id_in_doubt_is_neither_added_nor_removed() {
        CpuPicture doubting = FOUR.inDoubtAbout(new DelCpu(ids(3)));

        assertThat(unsafe(OF_6_12.judge(new DelCpu(ids(3)), doubting)).hazard()).isEqualTo(Hazard.IN_DOUBT);
        assertThat(unsafe(OF_6_12.judge(new AddCpu(ids(3)), doubting)).hazard()).isEqualTo(Hazard.IN_DOUBT);
        assertThat(OF_6_12.judge(new DelCpu(ids(2)), doubting)).isInstanceOf(Safe.class);
    }

    @Test
    void one_id_in_doubt_stops_every_removal_on_6_1_because_it_looks_up_by_count() {
        CpuPicture doubting = FOUR.inDoubtAbout(new AddCpu(ids(4)));

        assertThat(unsafe(OF_6_1.judge(new DelCpu(ids(3)), doubting)).hazard()).isEqualTo(Hazard.IN_DOUBT);
        assertThat(OF_6_1.judge(new AddCpu(ids(5)), doubting)).isInstanceOf(Safe.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = GuestProfile.class,
            names = {"KATA_5_10", "KATA_6_1", "KATA_6_12", "KATA_6_18"})
    void after_a_loss_nothing_is_removed_until_the_picture_is_given_again(GuestProfile profile) {
        Safety safety = Safety.of(profile);

        assertThat(unsafe(safety.judge(new DelCpu(ids(3)), FOUR.lost())).hazard())
                .isEqualTo(Hazard.PICTURE_STALE);
        assertThat(safety.judge(new AddCpu(ids(4)), FOUR.lost())).isInstanceOf(Safe.class);
        assertThat(safety.judge(new DelCpu(ids(3)), FOUR)).isInstanceOf(Safe.class);
    }

    @Test
    void the_connections_own_device_is_not_removed() {
        Safety safety = new Safety(GuestProfile.KATA_6_12, Set.of(VSOCK), Set.of(DEVICE));

        assertThat(unsafe(safety.judge(new DelPci(VSOCK), FOUR)).hazard()).isEqualTo(Hazard.CUTS_OWN_WIRE);
        assertThat(unsafe(safety.judge(new DelMmio(DEVICE), FOUR)).hazard()).isEqualTo(Hazard.CUTS_OWN_WIRE);
        assertThat(safety.judge(new DelPci(PciFunction.parse("00:03.0")), FOUR)).isInstanceOf(Safe.class);
        assertThat(safety.judge(new AddPci(VSOCK), FOUR)).isInstanceOf(Safe.class);
        assertThat(safety.judge(new AddMmio(DEVICE), FOUR)).isInstanceOf(Safe.class);
    }

    @Test
    void devices_do_not_depend_on_the_picture() {
        CpuPicture worst = FOUR.inDoubtAbout(new DelCpu(ids(3))).lost();

        for (Request request :
                new Request[] {new AddMmio(DEVICE), new DelMmio(DEVICE), new AddPci(VSOCK), new DelPci(VSOCK)}) {
            assertThat(OF_6_1.judge(request, worst)).isEqualTo(new Safe(request));
        }
    }

    @Test
    void a_request_of_the_other_architecture_is_refused() {
        assertThat(unsafe(OF_ARM64.judge(new AddCpu(ids(1)), FOUR)).hazard()).isEqualTo(Hazard.WRONG_ARCHITECTURE);
        assertThat(unsafe(OF_ARM64.judge(new DelCpu(ids(1)), FOUR)).hazard()).isEqualTo(Hazard.WRONG_ARCHITECTURE);
        assertThat(unsafe(OF_6_1.judge(new AddCpuCount(1), FOUR)).hazard()).isEqualTo(Hazard.WRONG_ARCHITECTURE);
        assertThat(unsafe(OF_6_1.judge(new DelCpuCount(1), FOUR)).hazard()).isEqualTo(Hazard.WRONG_ARCHITECTURE);
    }

    @Test
    void arm64_adds_nothing_unless_told_how_many_cpus_the_guest_may_have() {
        assertThat(unsafe(OF_ARM64.judge(new AddCpuCount(1), FOUR)).hazard()).isEqualTo(Hazard.CAPACITY_UNKNOWN);
        assertThat(OF_ARM64.judge(new AddCpuCount(1), FOUR.withPossible(5))).isInstanceOf(Safe.class);
    }

    @Test
    void arm64_never_passes_the_last_possible_cpu() {
        Unsafe verdict = unsafe(OF_ARM64.judge(new AddCpuCount(3), FOUR.withPossible(6)));

        assertThat(verdict.hazard()).isEqualTo(Hazard.CRASHES_GUEST);
        assertThat(verdict.why()).contains("4 online and 3 more pass the 6 possible");
    }

    @Test
    void arm64_keeps_one_cpu() {
        assertThat(OF_ARM64.judge(new DelCpuCount(3), FOUR)).isInstanceOf(Safe.class);
        assertThat(unsafe(OF_ARM64.judge(new DelCpuCount(4), FOUR)).hazard()).isEqualTo(Hazard.CRASHES_GUEST);
    }

    @Test
    void arm64_neither_adds_nor_removes_after_a_loss() {
        CpuPicture stale = FOUR.withPossible(8).lost();

        assertThat(unsafe(OF_ARM64.judge(new AddCpuCount(1), stale)).hazard()).isEqualTo(Hazard.PICTURE_STALE);
        assertThat(unsafe(OF_ARM64.judge(new DelCpuCount(1), stale)).hazard()).isEqualTo(Hazard.PICTURE_STALE);
    }

    @Test
    void arm64_neither_adds_nor_removes_while_the_count_is_in_doubt() {
        CpuPicture halfWay = FOUR.withPossible(8).afterAnswer(new AddCpuCount(3), -5);

        assertThat(unsafe(OF_ARM64.judge(new AddCpuCount(3), halfWay)).hazard()).isEqualTo(Hazard.IN_DOUBT);
        assertThat(unsafe(OF_ARM64.judge(new DelCpuCount(1), halfWay)).hazard()).isEqualTo(Hazard.IN_DOUBT);
    }

    private static Unsafe unsafe(Verdict verdict) {
        return (Unsafe) verdict;
    }
}
