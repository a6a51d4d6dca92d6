package dev.upcall.proto.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.message.Operation;
import dev.upcall.proto.wire.HexFrames;
import org.junit.jupiter.api.Test;

class ResultMeaningTest {

    @Test
    void a_minus_one_says_that_the_kernel_has_no_such_operation() {
        assertThat(meaning(Operation.ADD_PCI, -1).sentence()).contains("no ADD_PCI");
    }

    @Test
    void a_vcpu_that_did_not_start_is_to_be_created_first() {
        ResultMeaning meaning = meaning(Operation.ADD_CPU, -5);

        assertThat(meaning.name()).isEqualTo("EIO");
        assertThat(meaning.sentence()).contains("create it in the VMM first");
    }

    @Test
    void the_same_number_means_something_else_for_another_operation() {
        assertThat(meaning(Operation.ADD_CPU, -17).sentence()).contains("hidden");
        assertThat(meaning(Operation.ADD_MMIO, -17).sentence()).contains("overlaps", "IRQ");
        assertThat(meaning(Operation.DEL_MMIO, -19).sentence()).contains("exactly this base, size and IRQ");
        assertThat(meaning(Operation.ADD_PCI, -19).sentence()).contains("no such bus");
        assertThat(meaning(Operation.DEL_PCI, -19).sentence()).contains("knows no such function");
        assertThat(meaning(Operation.DEL_CPU, 1).sentence()).contains("offline");
    }

    @Test
    void a_refused_id_reads_differently_where_the_boot_tables_decide() {
        assertThat(ResultMeaning.of(Operation.ADD_CPU, -22, CpuModel.SLOT_SCAN).sentence())
                .contains("no free CPU slot");
        assertThat(ResultMeaning.of(Operation.ADD_CPU, -22, CpuModel.BOOT_TABLE).sentence())
                .contains("boot tables do not list it");
        assertThat(ResultMeaning.of(Operation.DEL_CPU, -22, CpuModel.SLOT_SCAN).sentence())
                .contains("present");
        assertThat(ResultMeaning.of(Operation.DEL_CPU, -22, CpuModel.BOOT_TABLE).sentence())
                .contains("online");
    }

    @Test
    void a_positive_or_unknown_number_stays_a_number() {
        assertThat(ResultMeaning.errnoName(1)).isEqualTo("1");
        assertThat(ResultMeaning.errnoName(-71)).isEqualTo("-71");
    }

    @Test
    void every_captured_result_has_a_name_and_a_sentence_of_its_own() {
        assertThat(HexFrames.replies())
                .filteredOn(frame -> frame.fields().getOrDefault("ret", 0) < 0)
                .filteredOn(frame -> frame.fields().getOrDefault("type", 0) <= 8)
                .isNotEmpty()
                .allSatisfy(frame -> {
                    Operation operation = Operation.ofMsgType(frame.fields().getOrDefault("type", -1))
                            .orElseThrow();
                    ResultMeaning meaning = meaning(operation, frame.fields().getOrDefault("ret", 0));
                    assertThat(meaning.name()).matches("E[A-Z]+");
                    assertThat(meaning.sentence()).doesNotContain("the guest refused");
                });
    }

    private static ResultMeaning meaning(Operation operation, int result) {
        return ResultMeaning.of(operation, result, CpuModel.BOOT_TABLE);
    }
}
