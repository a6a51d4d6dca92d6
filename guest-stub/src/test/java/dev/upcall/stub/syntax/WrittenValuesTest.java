package dev.upcall.stub.syntax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WrittenValuesTest {
    @Test
    void ids_are_numbers_and_ranges_in_their_order() {
        assertThat(WrittenIds.parse("0")).containsExactly(0);
        assertThat(WrittenIds.parse("2,0-1,254")).containsExactly(2, 0, 1, 254);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", "1,", "a", "3-1", "255", "0-300", "-1", "1-", "1,1", "0-3,2", " 1", "0x1", "1\n"})
    void other_ids_are_refused_and_quoted(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WrittenIds.parse(text))
                .withMessageContaining("\"" + text.replace("\n", "\\n") + "\"")
                .withMessageNotContaining("\n");
    }

    @Test
    void durations_have_a_unit() {
        assertThat(WrittenDuration.nanos("250ms")).isEqualTo(TimeUnit.MILLISECONDS.toNanos(250));
        assertThat(WrittenDuration.nanos("10s")).isEqualTo(TimeUnit.SECONDS.toNanos(10));
        assertThat(WrittenDuration.nanos("0s")).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"250ms", "1s", "90s", "2m", "0ns", "1us", "1234567ns"})
    void a_duration_is_written_as_it_is_read(String text) {
        assertThat(WrittenDuration.nanos(WrittenDuration.write(WrittenDuration.nanos(text))))
                .isEqualTo(WrittenDuration.nanos(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "s", "1.5s", "-1s", "10 s", "9999999999s", "1\u0007s"})
    void other_durations_are_refused_and_quoted(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WrittenDuration.nanos(text))
                .withMessageContaining("\"" + text.replace("\u0007", "\\x07") + "\"");
    }

    @Test
    void pci_functions_are_written_as_by_lspci() {
        assertThat(WrittenPci.parse("00:00.0,01:1f.7").stream().map(Object::toString))
                .containsExactly("00:00.0", "01:1f.7");
        assertThat(WrittenPci.parse("")).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WrittenPci.parse("00:00.0,00:20.0\u001b"))
                .withMessageContaining("\"00:20.0\\x1b\"");
    }

    @Test
    void mmio_devices_are_base_size_and_irq() {
        assertThat(WrittenMmio.parse("0xd0000000+0x1000:6,4096+4096:5").stream().map(Object::toString))
                .containsExactly("0xd0000000+0x1000 irq 6", "0x1000+0x1000 irq 5");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0xd0000000", "0xd0000000+0x1000", "0+0:1", "1+1:0", "0xg+1:1", "1+1:1,"})
    void other_mmio_devices_are_refused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WrittenMmio.parse(text))
                .withMessageContaining("found \"");
    }
}
