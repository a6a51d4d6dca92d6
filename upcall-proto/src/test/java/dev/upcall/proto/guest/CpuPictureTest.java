package dev.upcall.proto.guest;

import static dev.upcall.proto.guest.Cpus.ids;
import static dev.upcall.proto.guest.Cpus.picture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.Reply;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.message.Request.AddCpu;
import dev.upcall.proto.message.Request.AddCpuCount;
import dev.upcall.proto.message.Request.DelCpu;
import dev.upcall.proto.message.Request.DelCpuCount;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CpuPictureTest {

    private static final CpuPicture FOUR = picture(0, 1, 2, 3);

    @Test
    void an_added_cpu_is_present_behind_those_before_it() {
        CpuPicture after = picture(0, 3).afterAnswer(new AddCpu(ids(1, 2)), 0);

        assertThat(after.presentInSlotOrder()).isEqualTo(ids(0, 3, 1, 2));
    }

    @Test
    void a_removed_cpu_is_absent_and_keeps_its_slot() {
        CpuPicture after = FOUR.afterAnswer(new DelCpu(ids(2)), 0);

        assertThat(after.presentInSlotOrder()).isEqualTo(ids(0, 1, 3));
        assertThat(after.slotOf(new ApicId(2))).isEqualTo(2);
        assertThat(after.afterAnswer(new AddCpu(ids(2)), 0).presentInSlotOrder())
                .isEqualTo(ids(0, 1, 2, 3));
    }

    @Test
    void a_cpu_that_did_not_start_is_absent_but_has_used_up_a_slot() {
        CpuPicture after = picture(0).afterAnswer(new AddCpu(ids(1)), -5).afterAnswer(new AddCpu(ids(2)), 0);

        assertThat(after.presentInSlotOrder()).isEqualTo(ids(0, 2));
        assertThat(after.slotOf(new ApicId(2))).isEqualTo(2);
        assertThat(after.isHidden(new ApicId(2))).isTrue();
    }

    @Test
    void a_refusal_before_the_work_uses_up_no_slot() {
        CpuPicture after = picture(0).afterAnswer(new AddCpu(ids(1)), -22).afterAnswer(new AddCpu(ids(2)), 0);

        assertThat(after.slotOf(new ApicId(2))).isEqualTo(1);
    }

    @Test
    void a_present_cpu_in_a_slot_beyond_the_count_is_hidden() {
        CpuPicture after = FOUR.afterAnswer(new DelCpu(ids(1)), 0);

        assertThat(after.isHidden(new ApicId(3))).isTrue();
        assertThat(after.isHidden(new ApicId(2))).isFalse();
        assertThat(after.isHidden(new ApicId(1))).as("absent").isFalse();
    }

    @Test
    void a_collision_takes_the_cpu_out_of_the_guests_tables_so_it_is_absent() {
        CpuPicture after = FOUR.afterAnswer(new DelCpu(ids(1)), 0).afterAnswer(new AddCpu(ids(3)), -17);

        assertThat(after.present()).doesNotContain(new ApicId(3));
        assertThat(after.inDoubt()).isEmpty();
    }

    @Test
    void a_cpu_that_did_not_start_is_absent_although_a_picture_saw_it_starting() {
        CpuPicture after = picture(0, 1).afterAnswer(new AddCpu(ids(1)), -5);

        assertThat(after.present()).containsExactly(ApicId.BOOT);
    }

    @Test
    void a_cpu_the_guest_had_taken_offline_is_still_present() {
        assertThat(FOUR.afterAnswer(new DelCpu(ids(2)), 1)).isEqualTo(FOUR);
    }

    @Test
    void a_refused_removal_of_an_absent_cpu_does_not_make_it_present() {
        CpuPicture after = picture(0).afterAnswer(new DelCpu(ids(5)), -22);

        assertThat(after.present()).containsExactly(ApicId.BOOT);
    }

    @Test
    void a_failed_batch_leaves_all_its_ids_in_doubt() {
        assertThat(picture(0).afterAnswer(new AddCpu(ids(2, 3)), -5).inDoubt())
                .containsExactlyInAnyOrderElementsOf(ids(2, 3));
        assertThat(FOUR.afterAnswer(new DelCpu(ids(3, 2)), 1).inDoubt()).containsExactlyInAnyOrderElementsOf(ids(2, 3));
    }

    @Test
    void a_late_reply_settles_the_doubt() {
        CpuPicture doubting = FOUR.inDoubtAbout(new DelCpu(ids(3)));

        assertThat(doubting.inDoubt()).isEqualTo(Set.of(new ApicId(3)));
        assertThat(doubting.afterAnswer(new DelCpu(ids(3)), 0)).isEqualTo(FOUR.afterAnswer(new DelCpu(ids(3)), 0));
        assertThat(doubting.afterAnswer(new DelCpu(ids(3)), 1)).isEqualTo(FOUR);
    }

    @Test
    void device_requests_change_nothing() {
        Request add = new Request.AddMmio(MmioDevice.of(0xd0000000L, 0x1000, 6));

        assertThat(FOUR.afterAnswer(add, 0)).isSameAs(FOUR);
        assertThat(FOUR.afterAnswer(add, -17)).isSameAs(FOUR);
        assertThat(FOUR.inDoubtAbout(add)).isSameAs(FOUR);
    }

    @Test
    void a_loss_makes_it_stale_and_answers_do_not_refresh_it() {
        CpuPicture stale = FOUR.lost();

        assertThat(stale.stale()).isTrue();
        assertThat(stale.lost()).isSameAs(stale);
        assertThat(stale.afterAnswer(new AddCpu(ids(4)), 0).stale()).isTrue();
        assertThat(stale).hasToString("0,1,2,3 (stale)");
    }

    @Test
    void the_lowest_absent_ids_leave_out_what_is_in_doubt() {
        CpuPicture doubting = picture(0, 2).inDoubtAbout(new AddCpu(ids(1)));

        assertThat(doubting.lowestAbsent(2)).isEqualTo(ids(3, 4));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> doubting.lowestAbsent(254))
                .withMessageContaining("254")
                .withMessageContaining("252");
    }

    @Test
    void arm64_counts() {
        CpuPicture after = picture(0).afterAnswer(new AddCpuCount(3), 0).afterAnswer(new DelCpuCount(1), 0);

        assertThat(after.present()).hasSize(3);
        assertThat(after.inDoubt()).isEmpty();
    }

    @Test
    void arm64_believes_the_number_that_is_returned() {
        Reply.Answer twoLeft = new Reply.Answer(0, OptionalInt.of(2));

        assertThat(picture(0, 1).afterAnswer(new DelCpuCount(2), twoLeft)).isEqualTo(picture(0, 1));
        assertThat(FOUR.afterAnswer(new DelCpuCount(2), twoLeft)).isEqualTo(picture(0, 1));
        assertThat(FOUR.afterAnswer(new DelCpuCount(2), new Reply.Answer(0, OptionalInt.empty())))
                .isEqualTo(picture(0, 1));
    }

    @Test
    void arm64_one_cpu_that_failed_changed_nothing() {
        assertThat(picture(0, 1).afterAnswer(new AddCpuCount(1), 1)).isEqualTo(picture(0, 1));
        assertThat(picture(0, 1).afterAnswer(new DelCpuCount(1), -16)).isEqualTo(picture(0, 1));
    }

    @Test
    void arm64_a_batch_that_failed_leaves_the_count_in_doubt() {
        assertThat(picture(0).afterAnswer(new AddCpuCount(3), -5).inDoubt()).isNotEmpty();
        assertThat(FOUR.afterAnswer(new DelCpuCount(2), -16).inDoubt()).isNotEmpty();
    }

    @Test
    void arm64_a_late_reply_settles_the_count() {
        CpuPicture add = picture(0).inDoubtAbout(new AddCpuCount(1));

        assertThat(add.inDoubt()).isNotEmpty();
        assertThat(add.afterAnswer(new AddCpuCount(1), 0)).isEqualTo(picture(0, 1));
        assertThat(add.afterAnswer(new AddCpuCount(1), -5).inDoubt()).isEmpty();
        assertThat(FOUR.inDoubtAbout(new DelCpuCount(4)).inDoubt()).hasSize(4);
    }

    @Test
    void arm64_a_doubt_at_the_end_of_all_numbers_is_still_a_doubt() {
        CpuPicture full = picture(0).afterAnswer(new AddCpuCount(255), 0);

        assertThat(full.present()).hasSize(255);
        assertThat(full.inDoubtAbout(new AddCpuCount(1)).inDoubt()).isNotEmpty();
    }

    @Test
    void a_given_picture_is_checked() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CpuPicture.of(List.of()))
                .withMessageContaining("empty");
        assertThatIllegalArgumentException().isThrownBy(() -> picture(0, 1, 1)).withMessageContaining("[0, 1, 1]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FOUR.withPossible(3))
                .withMessageContaining("at least the 4 present: 3");
        assertThat(CpuPicture.BOOT_CPU_ONLY).isEqualTo(picture(0));
    }

    @Test
    void it_is_shown_in_slot_order_with_its_doubts() {
        assertThat(picture(0, 3, 1).inDoubtAbout(new AddCpu(ids(9, 2)))).hasToString("0,3,1 in doubt [2, 9]");
    }
}
