package dev.upcall.proto.extension.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.ClientConnections;
import dev.upcall.proto.extension.CpuInventory;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.inventory.LostRequest.Reading;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Request;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// §4: what an inventory says of a lost request. The guest has CPUs 0 and 2, one MMIO device, one PCI function.
class LostRequestTest {

    private static final Epoch CLIENT = new Epoch(0xC1);
    private static final MmioDevice THERE = MmioDevice.of(0xd0000000L, 0x1000, 6);
    private static final PciFunction FUNCTION = new PciFunction(0, 4, 0);

    @Test
    void s4_an_addition_holds_when_the_device_is_there() {
        assertThat(read(new Request.AddCpu(new ApicId(2)))).isEqualTo(Reading.HOLDS);
        assertThat(read(new Request.AddCpu(new ApicId(3)))).isEqualTo(Reading.HOLDS_NOT);
        assertThat(read(new Request.AddMmio(THERE))).isEqualTo(Reading.HOLDS);
        assertThat(read(new Request.AddMmio(MmioDevice.of(0xd0000000L, 0x1000, 7))))
                .isEqualTo(Reading.HOLDS_NOT);
        assertThat(read(new Request.AddPci(FUNCTION))).isEqualTo(Reading.HOLDS);
        assertThat(read(new Request.AddPci(new PciFunction(0, 5, 0)))).isEqualTo(Reading.HOLDS_NOT);
    }

    @Test
    void s4_a_removal_holds_when_the_device_is_gone() {
        assertThat(read(new Request.DelCpu(new ApicId(2)))).isEqualTo(Reading.HOLDS_NOT);
        assertThat(read(new Request.DelCpu(new ApicId(3)))).isEqualTo(Reading.HOLDS);
        assertThat(read(new Request.DelMmio(THERE))).isEqualTo(Reading.HOLDS_NOT);
        assertThat(read(new Request.DelPci(new PciFunction(0, 5, 0)))).isEqualTo(Reading.HOLDS);
    }

    @Test
    void s4_a_batch_that_was_done_in_part_is_said_to_be() {
        assertThat(read(new Request.AddCpu(ids(2, 3)))).isEqualTo(Reading.IN_PART);
        assertThat(read(new Request.DelCpu(ids(2, 3)))).isEqualTo(Reading.IN_PART);
        assertThat(read(new Request.DelCpu(ids(3, 4)))).isEqualTo(Reading.HOLDS);
    }

    @Test
    void s4_a_relative_request_is_not_readable_from_an_inventory() {
        assertThat(read(new Request.AddCpuCount(1))).isEqualTo(Reading.IN_PART);
        assertThat(read(new Request.DelCpuCount(1))).isEqualTo(Reading.IN_PART);
    }

    @Test
    void s4_while_anything_runs_or_the_old_connection_is_there_nothing_is_read() {
        assertThat(LostRequest.read(new Request.AddPci(FUNCTION), inventory(1, 1), CLIENT))
                .isEqualTo(Reading.ASK_AGAIN);
        assertThat(LostRequest.read(new Request.AddPci(FUNCTION), inventory(0, 2), CLIENT))
                .isEqualTo(Reading.ASK_AGAIN);
    }

    private static Reading read(Request request) {
        return LostRequest.read(request, inventory(0, 1), CLIENT);
    }

    private static Inventory inventory(int running, int own) {
        Set<ApicId> cpus = Set.copyOf(ids(0, 2));
        return new Inventory(
                new Epoch(1),
                1,
                running,
                new CpuInventory(cpus, cpus, List.of(), ApicId.BOOT),
                List.of(new ClientConnections(Optional.of(CLIENT), own)),
                List.of(THERE),
                List.of(FUNCTION));
    }

    private static List<ApicId> ids(int... values) {
        return IntStream.of(values).mapToObj(ApicId::new).toList();
    }
}
