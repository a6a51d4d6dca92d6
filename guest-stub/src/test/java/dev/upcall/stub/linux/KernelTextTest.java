package dev.upcall.stub.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KernelTextTest {

    @Test
    void a_list_of_cpus_is_numbers_and_ranges() {
        assertThat(KernelText.cpuList("0-2,5\n").stream()).containsExactly(0, 1, 2, 5);
        assertThat(KernelText.cpuList("0").stream()).containsExactly(0);
        assertThat(KernelText.cpuList("\n").stream()).isEmpty();
        assertThat(KernelText.cpuList("0-8191").cardinality()).isEqualTo(KernelText.CPUS_MAX);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0-8192", "99999", "3-1", "0,,1", "-1", "0-", "x", "0-1-2", "123456789012"})
    void any_other_list_is_quoted(String list) {
        assertThatThrownBy(() -> KernelText.cpuList(list))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found \"");
    }

    @Test
    void cpuinfo_tells_the_apic_id_and_not_the_initial_one() {
        assertThat(KernelText.apicIds("""
                processor	: 0
                apicid		: 0
                initial apicid	: 9

                processor	: 2
                core id		: 1
                apicid		: 3
                initial apicid	: 9
                """)).hasSize(2).containsEntry(0, 0).containsEntry(2, 3);
    }

    @Test
    void blocks_of_cpuinfo_with_nonsense_are_left_out() {
        assertThat(KernelText.apicIds("""
                apicid : 1
                processor : 99999
                apicid : 2
                processor : x
                apicid : 3
                processor : 4
                apicid : 4294967295
                processor
                :
                processor : 5
                apicid :
                """)).isEmpty();
    }

    @Test
    void folders_of_cpus_are_cpu_and_a_number() {
        assertThat(KernelText.cpuNumber("cpu12")).hasValue(12);
        IntStream.of(8192, 99999)
                .forEach(n -> assertThat(KernelText.cpuNumber("cpu" + n)).isEmpty());
        assertThat(KernelText.cpuNumber("cpufreq")).isEmpty();
        assertThat(KernelText.cpuNumber("cpuidle")).isEmpty();
    }

    @Test
    void pci_functions_of_domain_0_are_understood() {
        assertThat(KernelText.pciFunction("0000:00:05.0")).map(String::valueOf).hasValue("00:05.0");
        assertThat(KernelText.pciFunction("0000:ff:1f.7")).map(String::valueOf).hasValue("ff:1f.7");
        assertThat(KernelText.pciFunction("0000:00:20.0")).as("no such slot").isEmpty();
        assertThat(KernelText.pciFunction("0001:00:05.0")).isEmpty();
        assertThat(KernelText.pciFunction("10000:00:05.0")).isEmpty();
    }

    @Test
    void a_uid_is_a_number() {
        assertThat(KernelText.uid("3\n")).hasValue(3);
        assertThat(KernelText.uid("4294967295")).hasValue(4294967295L);
        assertThat(KernelText.uid("C003")).isEmpty();
        assertThat(KernelText.uid("")).isEmpty();
        assertThat(KernelText.uid("12345678901")).isEmpty();
    }
}
