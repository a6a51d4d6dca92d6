package dev.upcall.proto.extension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceReferenceTest {

    @ParameterizedTest
    @ValueSource(strings = {"cpu:0", "cpu:254", "mmio:0xd0000000+0x1000", "mmio:0xffffffffffffffff+0x1", "pci:ff:1f.7"})
    void a_device_is_read_as_it_is_written(String text) {
        assertThat(DeviceReference.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "none",
                "cpu",
                "cpu:",
                "cpu:255",
                "cpu:-1",
                "cpu:1x",
                "mmio:d0000000+1000",
                "mmio:0x1000,0x1000",
                "mmio:0x1+0x0",
                "mmio:0x10000000000000000+0x1",
                "pci:",
                "pci:00:04",
                "disk:0"
            })
    void what_is_none_is_refused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> DeviceReference.parse(text));
    }
}
