package dev.upcall.client.hotplug;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.hotplug.PlanStep;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Request;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanFileTest {

    private static final MmioDevice DEVICE = MmioDevice.of(0xd000_0000L, 0x1000, 6);

    @Test
    void every_step_of_the_documentation_is_read() throws Exception {
        PlanFile file = PlanFile.parse("""
                kernel: kata-6.12
                present: [0, 3]
                steps:
                  - add-cpu: {count: 2}
                  - add-cpu: {apic-ids: [1, 2]}
                  - del-cpu: {apic-ids: [2]}
                  - set-cpus: 3
                  - add-mmio: {base: 0xd0000000, size: 0x1000, irq: 6}
                  - del-mmio: {base: "0xd0000000", size: 4096, irq: 6}
                  - add-pci: "00:04.0"
                  - del-pci: 00:04.0
                """);
        assertThat(file.kernel()).contains(GuestProfile.KATA_6_12);
        assertThat(file.present()).contains(List.of(new ApicId(0), new ApicId(3)));
        assertThat(file.plan().steps())
                .containsExactly(
                        new PlanStep.AddCpus(2),
                        new PlanStep.Ask(new Request.AddCpu(List.of(new ApicId(1), new ApicId(2)))),
                        new PlanStep.Ask(new Request.DelCpu(new ApicId(2))),
                        new PlanStep.SetCpus(3),
                        new PlanStep.Ask(new Request.AddMmio(DEVICE)),
                        new PlanStep.Ask(new Request.DelMmio(DEVICE)),
                        new PlanStep.Ask(new Request.AddPci(new PciFunction(0, 4, 0))),
                        new PlanStep.Ask(new Request.DelPci(new PciFunction(0, 4, 0))));
    }

    @Test
    void json_is_read_too() throws Exception {
        assertThat(PlanFile.parse("{\"steps\":[{\"set-cpus\":2}]}").plan().steps())
                .containsExactly(new PlanStep.SetCpus(2));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                                              | the plan: expected a map
            'steps: 3'                                      | "steps": expected a list of steps, found 3
            'steps: []'                                     | at least one step
            'setps: []'                                     | unknown key "setps"
            'steps: [{eject-cpu: 1}]'                       | found "eject-cpu"
            'steps: [{add-cpu: {count: 0}}]'                | step 1: CPUs to add must be 1 to 255: 0
            'steps: [{add-cpu: {count: two}}]'              | step 1: expected a number
            'steps: [{add-cpu: {}}]'                        | either count or apic-ids
            'steps: [{add-cpu: {apic-ids: [1, 1]}}]'        | must not name an APIC id twice: 1,1
            'steps: [{add-cpu: {apic-ids: [255]}}]'         | APIC id must be 0 to 254
            'steps: [{set-cpus: 300}]'                      | must be 1 to 255: 300
            'steps: [{add-mmio: {base: 1, size: 0, irq: 5}}]' | window size must not be 0
            'steps: [{add-mmio: {base: 1, size: 1, irq: 0}}]' | IRQ must be at least 1: 0
            'steps: [{add-mmio: {base: 1, size: 1}}]'       | step 1 irq: expected a number
            'steps: [{add-pci: 4}]'                         | found "4"
            'steps: [{add-pci: "00:40.0"}]'                 | PCI slot must be 0 to 31
            'steps: [{add-pci: "\\x07"}]'                  | found "\\x07"
            'kernel: linux'                                 | "kernel"
            'present: [0, 0]\nsteps: [{set-cpus: 1}]'       | present CPUs must not name an APIC id twice
            'a: 1\na: 2'                                    | duplicate key a
            '&a [*a]'                                       | not YAML or JSON
            'steps: [{set-cpus: 1'                          | not YAML or JSON
            """)
    void every_malformed_plan_gets_one_clear_sentence(String text, String expected) {
        String yaml = text.replace("\\n", "\n");
        assertThatThrownBy(() -> PlanFile.parse(yaml))
                .isInstanceOf(MalformedPlanException.class)
                .hasMessageContaining(expected)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    @Test
    void a_plan_that_is_far_too_long_is_refused_before_it_is_read() {
        assertThatThrownBy(() -> PlanFile.parse("#".repeat(PlanFile.CHARACTERS_MAX + 1)))
                .hasMessageContaining("at most 262144 characters");
    }
}
