package dev.upcall.proto.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.proto.message.Request.AddCpu;
import dev.upcall.proto.message.Request.AddCpuCount;
import dev.upcall.proto.message.Request.DelCpu;
import dev.upcall.proto.message.Request.DelCpuCount;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A request that exists may be written: what may not, dies here with the value in the message.
class RequestTest {

    @Test
    void an_apic_id_has_eight_bits_and_255_is_reserved() {
        assertThat(new ApicId(0)).isEqualTo(ApicId.BOOT);
        assertThat(new ApicId(254).value()).isEqualTo(254);
        assertIllegal(() -> new ApicId(255), "255 is reserved", ": 255");
        assertIllegal(() -> new ApicId(-1), ": -1");
        assertIllegal(() -> new ApicId(256), ": 256");
    }

    @Test
    void count_zero_cannot_be_expressed() {
        assertIllegal(() -> new AddCpu(List.of()), "ADD_CPU count must be 1 to 255: 0");
        assertIllegal(() -> new DelCpu(List.of()), "DEL_CPU count must be 1 to 255: 0");
        assertIllegal(() -> new AddCpuCount(0), "ADD_CPU count must be 1 to 255: 0");
        assertIllegal(() -> new DelCpuCount(0), "DEL_CPU count must be 1 to 255: 0");
    }

    @Test
    void a_count_fits_its_byte() {
        assertThat(new AddCpuCount(255).count()).isEqualTo(255);
        assertIllegal(() -> new AddCpuCount(256), ": 256");
        assertIllegal(() -> new DelCpuCount(-1), ": -1");
    }

    @Test
    void an_id_named_twice_cannot_be_expressed() {
        assertIllegal(() -> new AddCpu(ids(2, 3, 2)), "ADD_CPU must not name an APIC id twice: 2,3,2");
        assertIllegal(() -> new DelCpu(ids(3, 3)), "DEL_CPU must not name an APIC id twice: 3,3");
    }

    @Test
    void the_ids_are_copied_in_and_cannot_be_changed() {
        List<ApicId> mine = new ArrayList<>(ids(1, 2));
        AddCpu request = new AddCpu(mine);
        mine.add(new ApicId(9));

        assertThat(request.ids()).containsExactly(new ApicId(1), new ApicId(2));
        assertThatThrownBy(() -> request.ids().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void an_irq_is_at_least_1() {
        assertThat(Irq.SHAREABLE.value()).isEqualTo(5);
        assertIllegal(() -> new Irq(0), "IRQ must be at least 1: 0");
        assertIllegal(() -> new Irq(-3), ": -3");
    }

    @Test
    void a_window_is_not_empty_and_stays_inside_the_address_space() {
        assertThat(new MmioWindow(-0x1000L, 0x1000).last()).isEqualTo(-1L);
        assertIllegal(() -> new MmioWindow(0xd0000000L, 0), "size must not be 0", "0xd0000000");
        assertIllegal(() -> new MmioWindow(-0x1000L, 0x1001), "passes the end", "0xfffffffffffff000", "0x1001");
    }

    @Test
    void windows_are_ordered_as_unsigned_addresses() {
        assertThat(new MmioWindow(-1L, 1)).isGreaterThan(new MmioWindow(1, 1));
        assertThat(new MmioWindow(1, 2)).isGreaterThan(new MmioWindow(1, 1));
    }

    @Test
    void a_pci_function_is_written_like_lspci_does() {
        PciFunction function = PciFunction.parse("0a:1f.7");

        assertThat(function).isEqualTo(new PciFunction(10, 31, 7));
        assertThat(function).hasToString("0a:1f.7");
        assertThat(function.devfn()).isEqualTo(0xff);
        assertThat(PciFunction.ofDevfn(10, 0xff)).isEqualTo(function);
        assertIllegal(() -> PciFunction.parse("00:04"), "00:04.0");
        assertIllegal(() -> PciFunction.parse("00:20.0"), "slot must be 0 to 31: 32");
        assertIllegal(() -> new PciFunction(256, 0, 0), "bus must be 0 to 255: 256");
        assertIllegal(() -> new PciFunction(0, 0, 8), "function must be 0 to 7: 8");
    }

    @Test
    void a_request_is_shown_as_people_speak_of_it() {
        assertThat(new AddCpu(ids(2, 3))).hasToString("ADD_CPU 2,3");
        assertThat(new DelCpuCount(2)).hasToString("DEL_CPU count 2");
        assertThat(new Request.AddMmio(MmioDevice.of(0xd0000000L, 0x1000, 6)))
                .hasToString("ADD_MMIO 0xd0000000+0x1000 irq 6");
        assertThat(new Request.DelPci(PciFunction.parse("00:04.0"))).hasToString("DEL_PCI 00:04.0");
    }

    @Test
    void operations_are_known_by_their_type() {
        for (Operation operation : Operation.values()) {
            assertThat(Operation.ofMsgType(operation.msgType())).contains(operation);
        }
        assertThat(Operation.ofMsgType(9)).isEmpty();
        assertThat(Operation.ofMsgType(-1)).isEmpty();
        assertThat(Operation.DEL_PCI.msgType()).isEqualTo(8);
    }

    @Test
    void cpu_and_mmio_operations_wait_for_the_hotplug_lock_and_pci_does_not() {
        for (Operation operation : Operation.values()) {
            assertThat(operation.takesHotplugLock()).isEqualTo(operation.isCpu() || operation.isMmio());
            assertThat(operation.takesHotplugLock() && operation.isPci()).isFalse();
        }
    }

    private static List<ApicId> ids(Integer... values) {
        return java.util.Arrays.stream(values).map(ApicId::new).toList();
    }

    private static void assertIllegal(org.assertj.core.api.ThrowableAssert.ThrowingCallable what, String... said) {
        assertThatIllegalArgumentException()
                .isThrownBy(what)
                .satisfies(e -> assertThat(e.getMessage()).contains(said));
    }
}
